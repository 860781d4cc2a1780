"""The drawn flow: Vue Flow behind a small Python face.

The graph is a prop only for the first drawing. Everything later goes through `run_method`: a
changed prop would send the whole graph again and put an old state over a newer one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable
from typing import Any, Final, Protocol

from nicegui import ui
from nicegui.events import GenericEventArguments

from designer.components.flow_canvas.strings import editing_strings, strings
from designer.i18n import Translator

_AS_IT_IS: Final = "(value) => emit(value)"
_LONGEST_BATCH: Final = 64
_MOST_REMEMBERED: Final = 5_000

# Batches that were taken. A browser sends one again when its answer was lost, also from a page that
# was loaded anew, so they are remembered for all canvases of the process.
_taken: OrderedDict[str, None] = OrderedDict()


class Drawn(Protocol):
    """What the canvas draws: a published flow, or one that somebody edits."""

    @property
    def id(self) -> str: ...

    @property
    def node_ids(self) -> frozenset[str]: ...

    def packed(self) -> dict[str, Any]: ...


class FlowCanvas(ui.element, component="flow_canvas.js", esm={"flow-canvas": "dist"}):
    def __init__(
        self,
        graph: Drawn,
        t: Translator,
        *,
        editable: bool = False,
        kinds: Sequence[Mapping[str, Any]] = (),
        revision: int = 0,
        on_select: Callable[[Any], Any] | None = None,
        on_ready: Callable[[], Any] | None = None,
        on_ops: Callable[[dict[str, Any]], Any] | None = None,
        on_command: Callable[[dict[str, Any]], Any] | None = None,
        minimap: bool = True,
        counted: bool = False,
    ) -> None:
        """`counted` keeps room for numbers. `on_select` gets the id of a node that was clicked, or
        opened with Enter; when `editable` the list of the ids that are chosen now.

        `on_ops` and `on_command` get what the browser sent, unchecked but for being a dict. The
        browser keeps a batch until they have returned, and sends it again after a reload when
        they returned False or never did.

        Every event is registered here: one added later would mount the canvas anew.
        """
        super().__init__()
        self.graph = graph
        self._props["graph"] = graph.packed()
        self._props["language"] = t.language
        self._props["minimap"] = minimap
        self._props["counted"] = counted
        self._props["editable"] = editable
        self._props["kinds"] = [dict(kind) for kind in kinds]
        self._props["revision"] = revision
        self._props["strings"] = strings(t) | (editing_strings(t) if editable else {})

        async def selected(event: GenericEventArguments) -> None:
            chosen = self._chosen(event.args, many=editable)
            if on_select is not None and chosen is not None:
                await _outcome(on_select(chosen))

        async def ready(_: GenericEventArguments) -> None:
            if on_ready is not None:
                await _outcome(on_ready())

        self.on("select", selected, js_handler=_AS_IT_IS)
        self.on("ready", ready, js_handler=_AS_IT_IS)
        if editable:
            self.on("ops", self._taking(on_ops), js_handler=_AS_IT_IS)
            self.on("command", self._taking(on_command), js_handler=_AS_IT_IS)

    def set_document(
        self, graph: Drawn, revision: int, select: Sequence[str] | None = None
    ) -> None:
        """Show this state: what is new appears, what moved glides, the rest stays as it is.

        `select` chooses these nodes and brings them into view; without it the choice stays."""
        self.graph = graph
        with self._props.suspend_updates():
            self._props["graph"] = graph.packed()
            self._props["revision"] = revision
        chosen = None if select is None else list(select)
        self.run_method("setDocument", graph.packed(), revision, chosen)

    def set_clipboard(self, text: str) -> None:
        """What copying gave, for pasting here and in other tabs."""
        self.run_method("setClipboard", text)

    def show_counts(self, nodes: Sequence[Sequence[int]], edges: Sequence[int]) -> None:
        """Numbers in the order of the graph's nodes and edges. Those of a node are: here, held,
        passed, and, where it is known, how many ended there before a way out."""
        self.run_method("setCounts", self.graph.id, nodes, edges)

    def show_issues(self, by_node: Mapping[str, Sequence[str]]) -> None:
        self.run_method("setIssues", {node: list(texts) for node, texts in by_node.items()})

    def show_run(self, nodes: Mapping[str, str], edges: Sequence[str]) -> None:
        """Colour the way one run took; `nodes` says done, here, held or failed."""
        self.run_method("showRun", {"nodes": dict(nodes), "edges": list(edges)})

    def focus(self, node: str) -> None:
        self.run_method("focus", node)

    def show_help(self) -> None:
        """The list of keys."""
        self.run_method("showHelp")

    def _chosen(self, given: Any, *, many: bool) -> str | list[str] | None:
        """What was chosen, as far as it is on the drawing; None when it makes no sense."""
        if not isinstance(given, dict):
            return None
        if not many:
            node = given.get("node")
            return node if isinstance(node, str) and node in self.graph.node_ids else None
        nodes = given.get("nodes")
        if not isinstance(nodes, list):
            return None
        there = self.graph.node_ids
        return [node for node in nodes if isinstance(node, str) and node in there]

    def _taking(self, handler: Callable[[dict[str, Any]], Any] | None) -> Callable[..., Any]:
        """Hand a deed on once, and tell the browser that it need not keep it any more."""

        async def took(event: GenericEventArguments) -> None:
            given = event.args
            if not isinstance(given, dict) or handler is None:
                return
            batch = given.get("batch")
            if not isinstance(batch, str) or len(batch) > _LONGEST_BATCH:
                await _outcome(handler(given))
                return
            kept = False
            try:
                if batch not in _taken:
                    _remember(batch)
                    kept = await _outcome(handler(given)) is False
            finally:
                # Also of what failed: trying again would fail again.
                if kept:
                    _taken.pop(batch, None)
                self.run_method("kept" if kept else "received", batch)

        return took


def _remember(batch: str) -> None:
    _taken[batch] = None
    while len(_taken) > _MOST_REMEMBERED:
        _taken.popitem(last=False)


async def _outcome(result: Any) -> Any:
    return await result if isawaitable(result) else result
