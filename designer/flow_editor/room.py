"""The page of the editor: the canvas in the middle, one place filled in beside it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Literal

from nicegui import ui

from designer.components.flow_canvas import FlowCanvas
from designer.flow_editor.bar import Bar
from designer.flow_editor.drawing import Drawing
from designer.flow_editor.flow_panel import FlowPanel
from designer.flow_editor.graph import draw_draft, ways_out
from designer.flow_editor.kinds import palette
from designer.flow_editor.presence import PRESENCE
from designer.flow_editor.problem_list import by_node, by_place, problem_list
from designer.flow_editor.publishing import PublishDialog
from designer.flow_editor.refusals import conflict_words, refused_words
from designer.flow_editor.step_panel import StepPanel, quiet_button
from designer.flow_editor.text_view import TextView
from designer.flow_graph import TRIGGER
from designer.forms import FormContext
from designer.live import EVERY_SECONDS
from designer.problem_words import all_words
from designer.widgets import Words, ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotFound, NotSignedIn
from engine.flows.editing import FlowDocument, OperationRefused, steps_written
from engine.services.actor import may
from engine.services.flow_drafts import Done, DraftConflict, DraftProblem, redo, restore, undo
from engine.steps import STEP_KINDS

Tab = Literal["settings", "problems", "text"]
TABS: Final[tuple[Tab, ...]] = ("settings", "problems", "text")


class EditorRoom:
    """Every deed asks the drawing and shows what came of it. `inside` are the people in the flow
    when the page was opened."""

    def __init__(self, drawing: Drawing, inside: int) -> None:
        self.drawing, self.inside = drawing, inside
        self.visitor, self.t = drawing.visitor, drawing.visitor.t
        self.may_edit = may(self.visitor.somebody, "edit", "flow")
        self.context = FormContext(
            drawing.designer,
            drawing.visitor,
            drawing.catalogue,
            drawing.choices,
            may_edit=self.may_edit,
        )
        self._chosen: list[str] = []
        self._panel: StepPanel | FlowPanel | None = None
        self._text: TextView | None = None
        self._tab: Tab = "settings"

    def build(self, actions: ui.element) -> None:
        drawing = self.drawing
        self.publish_dialog = PublishDialog(drawing, self._published)
        with actions:
            self.bar = Bar(self)
        with block("fe-room") as self._room:
            with block("cz-canvas"):
                self.canvas = FlowCanvas(
                    draw_draft(drawing.document, self.t, drawing.catalogue),
                    self.t,
                    editable=self.may_edit,
                    kinds=palette(self.t) if self.may_edit else (),
                    revision=drawing.draft.revision,
                    on_select=self._selected,
                    on_ready=self._show_issues,
                    on_ops=self._ops,
                    on_command=self._command,
                )
            with block("fe-side", tag="aside") as side:
                side.props["aria-label"] = self.t("Beside the drawing")
                with block("cz-tabs fe-tabs") as tabs:
                    tabs.props["role"] = "tablist"
                    self._tabs = {tab: self._tab_button(tab) for tab in TABS}
                self._places = {tab: block("fe-place").mark(f"place-{tab}") for tab in TABS}
        self._draw_tabs()
        self._draw_panel()
        self._draw_problems()
        self._show_tab("settings")
        PRESENCE.come(drawing.name, ui.context.client, self.visitor.somebody.name)
        self._timer = ui.timer(EVERY_SECONDS, self._look, immediate=False)

    async def _selected(self, chosen: list[str] | str) -> None:
        wanted = [chosen] if isinstance(chosen, str) else list(chosen)
        if wanted == self._chosen and self._panel is not None:
            return
        self._chosen = wanted
        if self._tab == "problems":
            self._show_tab("settings")
        self._draw_panel()

    async def _ops(self, given: dict[str, Any]) -> bool:
        revision, batch = given.get("revision"), given.get("batch")

        async def deed() -> Done:
            return await self.drawing.ask(
                given.get("ops"),
                revision if isinstance(revision, int) else None,
                batch if isinstance(batch, str) else None,
            )

        return await self._do(deed, redraw=True)

    async def _command(self, given: dict[str, Any]) -> bool:
        batch = given.get("batch")
        mark = batch[:64] if isinstance(batch, str) else None
        ids = [one for one in given.get("ids") or () if isinstance(one, str)]
        match given.get("name"):
            case "undo":
                return await self.undo(mark)
            case "redo":
                return await self.redo(mark)
            case "save":
                self.bar.say_saved(loudly=True)
            case "publish" if may(self.visitor.somebody, "publish", "flow"):
                await self.publish_dialog.open()
            case "copy":
                self._copy(ids)
            case "cut":
                self._copy(ids)
                asked = [{"op": "remove_nodes", "ids": ids}]
                return await self._do(lambda: self.drawing.ask(asked, None, mark), redraw=True)
            case "paste":
                at = _place(given.get("at"))
                text = given.get("text")
                return await self._do(lambda: self.drawing.paste(str(text), at, mark), redraw=True)
            case "duplicate":
                return await self._do(lambda: self.drawing.duplicate(ids, mark), redraw=True)
            case "open" | "note" | "rename" as wish:
                self._open(str(given.get("id")), wish)
        return True

    def canvas_help(self) -> None:
        self.canvas.show_help()

    def _copy(self, ids: Sequence[str]) -> None:
        found = steps_written(self.drawing.document, ids, STEP_KINDS)
        if found["steps"]:
            self.canvas.set_clipboard(json.dumps(found, ensure_ascii=False))

    def _open(self, node: str, wish: str) -> None:
        """Show the place and put the cursor into it."""
        self._chosen = [node]
        self._show_tab("settings")
        self._draw_panel()
        if isinstance(self._panel, StepPanel):
            self._panel.focus(wish)

    async def ask(self, asked: Sequence[dict[str, Any]], *, redraw: bool = False) -> bool:
        """From the panels, see `Deeds`."""
        renamed = {one["id"]: one["to"] for one in asked if one.get("op") == "rename"}
        if not await self._do(lambda: self.drawing.ask(list(asked)), redraw=redraw, quiet=True):
            return False
        if renamed:
            self._chosen = [renamed.get(one, one) for one in self._chosen]
            self._show(select=self._chosen)
            self._draw_panel()
        return True

    async def duplicate(self, ids: Sequence[str]) -> None:
        await self._do(lambda: self.drawing.duplicate(ids), redraw=True)

    async def undo(self, batch: str | None = None) -> bool:
        return await self._do(lambda: self.drawing.go(undo, batch=batch), redraw=True)

    async def redo(self, batch: str | None = None) -> bool:
        return await self._do(lambda: self.drawing.go(redo, batch=batch), redraw=True)

    async def restore(self) -> None:
        """For a dialog, which shows what is refused itself."""
        await self.drawing.go(restore)
        self._show()
        self._draw_panel()

    async def _do(
        self,
        deed: Callable[[], Awaitable[Done | None]],
        *,
        redraw: bool = False,
        quiet: bool = False,
    ) -> bool:
        """False where it was not dealt with and should be sent again after a sign-in. `quiet`
        answers False for everything that was not done."""
        select: list[str] | None = None
        done: Done | None = None
        try:
            done = await deed()
        except NotSignedIn:
            ask_to_sign_in()
            return False
        except DraftConflict as conflict:
            await self._after_conflict(conflict)
            return not quiet
        except OperationRefused as refused:
            ui.notify(refused_words(refused, self.t), type="warning")
            self._show()
            self._draw_panel()
            return not quiet
        except CadenzaError as error:
            ui.notify(all_words(error, self.visitor.t, "flow"), type="negative")
            return not quiet
        if done is not None and done.new:
            self._chosen = select = list(done.new)
        if done is not None and any(done.others):
            who = ", ".join(one for one in done.others if one)
            ui.notify(self.t("{who} changed this flow too; both are kept.", who=who))
        self._show(select=select)
        if redraw or select:
            self._draw_panel()
        return True

    async def _after_conflict(self, conflict: DraftConflict) -> None:
        ui.notify(
            conflict_words(conflict, self.visitor),
            type="warning",
            multi_line=True,
            timeout=12_000,
            close_button=self.t("Close"),
        )
        await self.drawing.reload()
        self._show()
        self._draw_panel()

    async def _look(self) -> None:
        """What others did since."""
        self.bar.show_others(PRESENCE.others(self.drawing.name, self.visitor.somebody.name))
        before = self.drawing.document
        try:
            is_newer = await self.drawing.look()
        except NotSignedIn:
            self._timer.cancel()
            ask_to_sign_in()
            return
        except NotFound as error:
            self._timer.cancel()
            ui.notify(all_words(error, self.visitor.t, "flow"), type="negative")
            return
        if is_newer:
            who = self.drawing.draft.changed_by or self.t("Somebody who saved a file")
            ui.notify(self.t("{who} changed this flow.", who=who))
            self._show()
            if self._differs_here(before):
                self._draw_panel()

    def _differs_here(self, before: FlowDocument) -> bool:
        """Whether what the panel shows was changed; else what somebody types there stays."""
        now, step = self.drawing.document, self._shown_step()
        if step is None:
            return before.head != now.head
        return (before.nodes.get(step), before.notes.get(step)) != (
            now.nodes.get(step),
            now.notes.get(step),
        )

    async def _published(self) -> None:
        await self.drawing.reload()
        self.bar.show()

    def _show(self, *, select: list[str] | None = None) -> None:
        """The newest draft everywhere but in the panel."""
        drawing = self.drawing
        graph = draw_draft(drawing.document, self.t, drawing.catalogue)
        self.canvas.set_document(graph, drawing.draft.revision, select)
        self._chosen = [one for one in self._chosen if one in graph.node_ids]
        if self._panel is not None:
            self._panel.update(drawing.document)
            if isinstance(self._panel, StepPanel) and self._ways_changed(self._panel):
                self._draw_panel()
            else:
                self._panel.show_problems(by_place(drawing.problems, self._shown_step(), self.t))
        if self._text is not None:
            self._text.show(drawing.draft.source)
            self._text.show_problems(drawing.problems)
        self._show_issues()
        self._draw_problems()
        self._draw_tabs()
        self.bar.show()

    def _ways_changed(self, panel: StepPanel) -> bool:
        node = self.drawing.document.nodes.get(panel.name)
        if node is None:
            return True
        return panel.ways_key != tuple(way["id"] for way in ways_out(panel.name, node, self.t))

    def _show_issues(self) -> None:
        self.canvas.show_issues(by_node(self.drawing.problems, self.t))

    def _shown_step(self) -> str | None:
        one = self._chosen[0] if len(self._chosen) == 1 else None
        return one if one is not None and one != TRIGGER else None

    def _draw_panel(self) -> None:
        place, drawing = self._places["settings"], self.drawing
        place.clear()
        self._panel = None
        steps = [one for one in self._chosen if one in drawing.document.nodes]
        with place:
            if len(steps) > 1:
                self._several(steps)
                return
            problems = by_place(drawing.problems, steps[0] if steps else None, self.t)
            self._panel = (
                StepPanel(steps[0], drawing.document, self.context, self, problems)
                if steps
                else FlowPanel(drawing.document, self.context, self, problems)
            )

    def _several(self, steps: list[str]) -> None:
        t = self.t
        gone = [{"op": "remove_nodes", "ids": steps}]
        with block("fe-panel"):
            words(t.n("{count} step is chosen", "{count} steps are chosen", len(steps)), "cz-h2")
            if self.may_edit:
                with block("cz-row"):
                    quiet_button(t("Duplicate"), "content_copy", lambda: self.duplicate(steps))
                    quiet_button(t("Copy"), "file_copy", lambda: self._copy(steps))
                    quiet_button(t("Remove steps"), "delete", lambda: self.ask(gone, redraw=True))

    def _draw_problems(self) -> None:
        place = self._places["problems"]
        place.clear()
        with place, block("fe-panel"):
            problem_list(self.drawing.problems, self.t, self._go_to)

    def _go_to(self, problem: DraftProblem) -> None:
        place = problem.node
        if place is None and self._tab != "text":
            place = TRIGGER
        if place is not None and (place in self.drawing.document.nodes or place == TRIGGER):
            self._chosen = [place]
            self.canvas.focus(place)
            self._show_tab("settings")
            self._draw_panel()
        elif problem.line is not None:
            self._show_tab("text")
            if self._text is not None:
                self._text.reveal(problem.line)

    def _draw_tabs(self) -> None:
        errors = sum(one.is_error for one in self.drawing.problems)
        count = len(self.drawing.problems)
        t = self.t
        names = {
            "settings": t("Settings"),
            "problems": t("Problems ({count})", count=count) if count else t("Problems"),
            "text": t("As text"),
        }
        for tab, (button, name) in self._tabs.items():
            name.set_text(names[tab])
            button.props["aria-selected"] = "true" if tab == self._tab else "false"
            states = {"is-active": tab == self._tab, "is-bad": tab == "problems" and errors > 0}
            for state, on in states.items():
                button.classes(add=state if on else None, remove=None if on else state)

    def _tab_button(self, tab: Tab) -> tuple[ui.element, Words]:
        """Made once: one that is made anew between press and release hears no click."""
        with block("cz-tab", tag="button") as button:
            name = words("")
        button.props["type"] = "button"
        button.props["role"] = "tab"
        button.mark(f"tab-{tab}")
        button.on("click", lambda: self._show_tab(tab), args=[])
        return button, name

    def _show_tab(self, tab: Tab) -> None:
        self._tab = tab
        if tab == "text" and self._text is None:
            with self._places["text"]:
                self._text = TextView(
                    self.visitor,
                    self.drawing.draft.source,
                    write=self._write,
                    may_edit=self.may_edit,
                )
            self._text.show_problems(self.drawing.problems)
        for name, place in self._places.items():
            place.classes(
                add="cz-hidden" if name != tab else None,
                remove="cz-hidden" if name == tab else None,
            )
        wide = tab == "text"
        self._room.classes(add="is-wide" if wide else None, remove=None if wide else "is-wide")
        self._draw_tabs()

    async def _write(self, source: str) -> None:
        """What somebody wrote as text; raises OperationRefused for what is no flow."""
        try:
            await self.drawing.write(source)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except DraftConflict as conflict:
            await self._after_conflict(conflict)
            return
        self._show()
        self._draw_panel()


def _place(given: Any) -> tuple[float, float] | None:
    match given:
        case [int() | float() as x, int() | float() as y]:
            return float(x), float(y)
        case _:
            return None
