"""The editors of a template's texts: one for each file that was looked at, kept while the page
lives, so that each has its own undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.template_editor.code_help import CodeHelp, Mark
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.switch import set_class
from designer.widgets import block

Size: TypeAlias = Literal["line", "page"]
_HIGHLIGHTS: Final = {"html": "HTML", "mjml": "HTML", "yaml": "YAML"}


class CodeFields:
    def __init__(
        self,
        draft: TemplateDraft,
        beside: CodeHelp,
        dark: bool,
        typed: Callable[[], None],
        keys: Mapping[str, Callable[[], Any]],
    ) -> None:
        self._draft = draft
        self._help = beside
        self._keys = keys
        self._dark = dark
        self._typed = typed
        self._editors: dict[str, ui.codemirror] = {}
        self._frames: dict[str, ui.element] = {}
        self._marks: dict[str, list[Mark]] = {}
        # Shown without the line end that their files have.
        self._lines: set[str] = set()
        # Which one the insert menu writes into.
        self.active: str | None = None

    def show(self, place: ui.element, file: str, label: str, size: Size) -> None:
        """In `place`, which holds the fields of this size; others in it are hidden."""
        if file not in self._editors:
            with place:
                self._make(file, label, size)
        for other, frame in self._frames.items():
            if frame.parent_slot is not None and frame.parent_slot.parent is place:
                set_class(frame, "cz-hidden", on=other != file)

    def hide(self, place: ui.element) -> None:
        for frame in self._frames.values():
            if frame.parent_slot is not None and frame.parent_slot.parent is place:
                set_class(frame, "cz-hidden", on=True)

    def refresh(self) -> None:
        """Show what the draft says now, after it was changed elsewhere than in a field."""
        for file in list(self._editors):
            text = self._text(file)
            if file not in self._draft.files and file not in self._lines:
                self._frames.pop(file).delete()
                self._editors.pop(file)
                self._marks.pop(file, None)
                self.active = None if self.active == file else self.active
            elif self._editors[file].value != text:
                self._editors[file].set_value(text)

    def mark(self, marks: dict[str, list[Mark]]) -> None:
        """Only what changed travels."""
        for file, editor in self._editors.items():
            wanted = marks.get(file, [])
            if wanted != self._marks.get(file, []):
                self._help.show_marks(editor, wanted)
                self._marks[file] = wanted

    def go_to(self, file: str, line: int | None) -> None:
        if file in self._editors:
            self.active = file
            self._help.go_to(self._editors[file], line or 1)

    def insert(self, text: str, fallback: str | None) -> None:
        """Where somebody typed last; else into the field of `fallback`."""
        file = self.active if self.active in self._editors else fallback
        if file in self._editors:
            self._help.insert(self._editors[file], text)

    def insert_into(self, file: str | None, text: str) -> None:
        if file is not None and file in self._editors:
            self._help.insert(self._editors[file], text)

    def _make(self, file: str, label: str, size: Size) -> None:
        ending = file.rsplit(".", 1)[-1]
        if size == "line":
            self._lines.add(file)
        with block(f"te-code is-{size}") as frame:
            editor = ui.codemirror(
                self._text(file),
                language=_HIGHLIGHTS.get(ending),  # type: ignore[arg-type]
                theme="vscodeDark" if self._dark else "vscodeLight",
                line_wrapping=True,
                indent="  ",
                keymap=dict(self._keys),
                on_change=partial(self._changed, file),
                on_focus_change=partial(self._focused, file),
            ).classes("te-editor")
            editor.mark(f"text-{file}")
        self._editors[file], self._frames[file] = editor, frame
        self._help.attach(editor, file, ending, label)

    def _changed(self, file: str, event: ValueChangeEventArguments[str]) -> None:
        text = event.value or ""
        if file in self._lines and text:
            text = f"{text}\n"
        if self._draft.files.get(file, "") != text:
            self._draft.write(file, text)
            self._typed()

    def _text(self, file: str) -> str:
        text = self._draft.files.get(file, "")
        return text.rstrip("\n") if file in self._lines else text

    def _focused(self, file: str, _event: object) -> None:
        self.active = file
