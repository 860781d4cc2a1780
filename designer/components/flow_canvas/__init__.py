"""The drawn flow: Vue Flow behind a small Python face.

The graph is a prop only for the first drawing. Everything later goes through `run_method`: a
changed prop would send the whole graph again and put an old state over a newer one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from designer.flow_graph import Graph
from designer.i18n import Translator


class FlowCanvas(ui.element, component="flow_canvas.js", esm={"flow-canvas": "dist"}):
    def __init__(
        self,
        graph: Graph,
        t: Translator,
        *,
        on_select: Callable[[str], Any] | None = None,
        on_ready: Callable[[], Any] | None = None,
        minimap: bool = True,
        counted: bool = False,
    ) -> None:
        """`counted` keeps room for numbers. `on_select` gets the id of a node that was clicked, or
        opened with Enter.

        Every event is registered here: one added later would mount the canvas anew.
        """
        super().__init__()
        self.graph = graph
        self._props["graph"] = graph.packed()
        self._props["language"] = t.language
        self._props["minimap"] = minimap
        self._props["counted"] = counted
        self._props["strings"] = {
            "canvas": t("The drawn flow"),
            "minimap": t("Overview"),
            "view": t("View"),
            "zoom_in": t("Zoom in"),
            "zoom_out": t("Zoom out"),
            "fit": t("Show everything (F)"),
            "turn": t("Turn: downwards or to the right"),
            "full_size": t("Full size"),
            "here": t("People here now"),
            "held": t("Held: somebody must decide"),
            "passed": t("Passed so far"),
        }

        async def selected(event: GenericEventArguments) -> None:
            node = event.args.get("node") if isinstance(event.args, dict) else None
            if on_select is not None and node in self.graph.node_ids:
                result = on_select(str(node))
                if result is not None:
                    await result

        async def ready(_: GenericEventArguments) -> None:
            if on_ready is not None:
                result = on_ready()
                if result is not None:
                    await result

        self.on("select", selected, js_handler="(value) => emit(value)")
        self.on("ready", ready, js_handler="(value) => emit(value)")

    def show_counts(self, nodes: Sequence[Sequence[int]], edges: Sequence[int]) -> None:
        """Numbers in the order of the graph's nodes (here, held, passed) and edges."""
        self.run_method("setCounts", self.graph.id, nodes, edges)

    def show_issues(self, by_node: Mapping[str, Sequence[str]]) -> None:
        self.run_method("setIssues", {node: list(texts) for node, texts in by_node.items()})

    def show_run(self, nodes: Mapping[str, str], edges: Sequence[str]) -> None:
        """Colour the way one run took; `nodes` says done, here, held or failed."""
        self.run_method("showRun", {"nodes": dict(nodes), "edges": list(edges)})

    def focus(self, node: str) -> None:
        self.run_method("focus", node)
