"""The rule as JSON, both ways: what is typed is drawn, what is drawn is written."""

from __future__ import annotations

import json
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.rule_builder.bench import Bench, tree_of
from designer.widgets import block, words

LONGEST: Final = 200_000


class JsonView:
    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        t, dark = bench.visitor.t, bench.visitor.dark
        with block("rb-jsonview") as self.element:
            self._text = ui.codemirror(
                "",
                language="JSON",
                theme="vscodeDark" if dark else "vscodeLight",
                line_wrapping=True,
                on_change=self._typed,
            ).classes("cz-editor")
            self._text.mark("rule-json").props("role=group")
            self._text.props["aria-label"] = t("The rule as JSON")
            self._mistake = words("", "cz-bad cz-small").props("role=alert")
        self._ours = ""
        bench.hear(lambda _: self.show())
        self.show()

    def show(self) -> None:
        """What is on the bench, unless it is what stands there already."""
        document = self.bench.document
        if _read(self._text.value)[0] == document and self._text.value.strip():
            return
        self._ours = "" if document is None else json.dumps(document, ensure_ascii=False, indent=2)
        self._text.set_value(self._ours)
        self._mistake.set_text("")

    def _typed(self, event: ValueChangeEventArguments[str]) -> None:
        t, text = self.bench.visitor.t, event.value
        if text == self._ours:
            return
        found, mistake = _read(text)
        if mistake is not None:
            line = t("Line {line}: this is no JSON yet.", line=mistake)
            self._mistake.set_text(line)
            return
        self._mistake.set_text("")
        if found == self.bench.document:
            return
        root, self.bench.enveloped = tree_of(found)
        self.bench.put(root)


def _read(text: str) -> tuple[Any, int | None]:
    """The document, or the line of its first mistake; nothing typed is no rule."""
    if not text.strip():
        return None, None
    if len(text) > LONGEST:
        return None, 1
    try:
        found = json.loads(text)
    except json.JSONDecodeError as mistake:
        return None, mistake.lineno
    except RecursionError:
        return None, 1
    return (found, None) if isinstance(found, dict) else (None, 1)
