"""The draft as the text that files have, to be read and written beside the drawing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from nicegui import ui

from designer.flow_editor.problem_list import told
from designer.visitor import Visitor
from designer.widgets import block, words
from engine.flows.editing import OperationRefused
from engine.services.flow_drafts import DraftProblem

# After so long without a key the text becomes the drawing.
PAUSE_SECONDS: Final = 1.0


class TextView:
    """`write` takes the text over; it raises OperationRefused for what is no flow, and nothing is
    lost: the text stays as it was typed until it is one, or until the drawing's is taken back."""

    def __init__(
        self,
        visitor: Visitor,
        source: str,
        *,
        write: Callable[[str], Awaitable[None]],
        may_edit: bool,
    ) -> None:
        self._visitor, self._write = visitor, write
        self._drawn = source
        self._typed = 0
        t = visitor.t
        with block("fe-text"):
            self._told = words("", "fm-problem", tag="p")
            self._told.props["role"] = "alert"
            self._told.set_visibility(False)
            self._back = block("cz-button", tag="button")
            self._back.props["type"] = "button"
            with self._back:
                words(t("Take the drawing's text instead"))
            self._back.on("click", self._take_back, args=[]).set_visibility(False)
            self.editor = ui.codemirror(
                source,
                language="YAML",
                theme="vscodeDark" if visitor.dark else "vscodeLight",
                line_wrapping=True,
            ).classes("fe-code")
            self.editor.mark("flow-text").props("role=group")
            self.editor.props["aria-label"] = t("The flow as text")
            if not may_edit:
                self.editor.disable()
            self.editor.on_value_change(self._typing)
            words(
                t(
                    "What you write here is drawn after a moment. Comments stay until the flow is "
                    "changed on the canvas."
                ),
                "fm-help",
                tag="p",
            )

    @property
    def is_ahead(self) -> bool:
        """Whether something was typed that is not drawn yet."""
        return str(self.editor.value or "") != self._drawn

    def show(self, source: str) -> None:
        """What was drawn elsewhere. What somebody types at this moment is not taken away."""
        was_ahead = self.is_ahead
        self._drawn = source
        if not was_ahead:
            self.editor.value = source
        self._back.set_visibility(self.is_ahead and bool(self._told.text))

    def show_problems(self, problems: Sequence[DraftProblem]) -> None:
        lines: dict[int, list[str]] = {}
        for problem in problems:
            if problem.line is not None and problem.is_error:
                lines.setdefault(problem.line, []).append(told(problem, self._visitor.t))
        count = len(self._drawn.splitlines())
        self.editor.decorations = [
            {"kind": "line", "line": line, "class": "fe-bad-line"}
            for line in lines
            if 0 < line <= count
        ]
        self.editor.line_tooltips = {line: "\n".join(texts) for line, texts in lines.items()}

    def reveal(self, line: int) -> None:
        if 0 < line <= len(self._drawn.splitlines()):
            self.editor.reveal_line(line)

    def _take_back(self) -> None:
        self._refused("")
        self.editor.value = self._drawn

    def _typing(self) -> None:
        """Wait for a pause; each key puts it off."""
        if not self.is_ahead:
            return
        self._typed += 1
        mine = self._typed

        async def paused() -> None:
            if mine == self._typed:
                await self.take()

        ui.timer(PAUSE_SECONDS, paused, once=True)

    async def take(self) -> None:
        """Draw what is written now."""
        if not self.is_ahead:
            return
        text = str(self.editor.value or "")
        before, self._drawn = self._drawn, text
        try:
            await self._write(text)
        except OperationRefused as refused:
            self._drawn = before
            self._refused(str(refused))
            return
        self._refused("")

    def _refused(self, why: str) -> None:
        t = self._visitor.t
        self._told.set_text(t("Not drawn yet: {why}", why=why) if why else "")
        self._told.set_visibility(bool(why))
        self._back.set_visibility(bool(why))
