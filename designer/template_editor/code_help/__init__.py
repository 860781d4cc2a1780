"""Completions, marked lines and jumps for NiceGUI's code editor, by a helper that stands beside it.

Marks do not travel as props of the editor: an update of it sends the text as the server knows it,
and would take back what is being typed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any, Final, Literal, TypeAlias

from nicegui import ui
from nicegui.events import GenericEventArguments

Word: TypeAlias = tuple[str, str, str, str]
Mark: TypeAlias = tuple[int, Literal["problem", "warning"], str]
_AS_IT_IS: Final = "(value) => emit(value)"
MOST_KEPT: Final = 8
LONGEST_KEPT: Final = 30_000


class CodeHelp(ui.element, component="code_help.js"):
    """`words` are variables, filters, blocks and tags, each (label, detail, info, inserted).

    `on_kept` gets what was typed before a reload and never reached the server, by file name; it
    comes from a browser and is only bounded here.
    """

    def __init__(
        self,
        name: str,
        words: tuple[Sequence[Word], Sequence[Word], Sequence[Word], Sequence[Word]],
        on_kept: Callable[[dict[str, str]], Awaitable[None] | None],
    ) -> None:
        super().__init__()
        self._props["name"] = name
        self._props["words"] = [[list(word) for word in group] for group in words]

        async def kept(event: GenericEventArguments) -> None:
            found = on_kept(_bounded(event.args))
            if isawaitable(found):
                await found

        self.on("kept", kept, js_handler=_AS_IT_IS)

    def attach(self, editor: ui.codemirror, file: str, form: str, label: str) -> None:
        self.run_method("attach", editor.id, file, form, label)

    def show_marks(self, editor: ui.codemirror, marks: Sequence[Mark]) -> None:
        self.run_method("marks", editor.id, [list(one) for one in marks])

    def go_to(self, editor: ui.codemirror, line: int) -> None:
        self.run_method("goTo", editor.id, line)

    def insert(self, editor: ui.codemirror, text: str) -> None:
        self.run_method("insert", editor.id, text)


def _bounded(given: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given[:MOST_KEPT] if isinstance(given, list) else ():
        match one:
            case [str(file), str(text)] if len(file) < 100 and len(text) <= LONGEST_KEPT:
                found[file] = text
    return found
