"""Pairs of words in a document of YAML, a row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import yaml
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.i18n import Translator
from designer.widgets import block, words
from engine.services.templates.yaml_text import read_yaml

MOST_ROWS: Final = 100
LONGEST: Final = 500


class PairRows:
    """`changed` gets the pairs whose name is not empty."""

    def __init__(
        self,
        t: Translator,
        *,
        title: str,
        names: tuple[str, str],
        add: str,
        value: Any,
        changed: Callable[[dict[str, Any]], None],
        mark: str,
    ) -> None:
        self._t = t
        self._names = names
        self._changed = changed
        given = value if isinstance(value, Mapping) else {}
        self._pairs = [[str(name), _written(words)] for name, words in given.items()]
        with block("te-pairs"):
            words(title, "cz-h2", tag="h3")
            self._rows = block("cz-stack cz-tight")
            plain_button(add, self._add, symbol="add").classes("is-quiet").mark(f"add-{mark}")
        self._draw()

    def _draw(self) -> None:
        self._rows.clear()
        with self._rows:
            for at, pair in enumerate(self._pairs):
                with block("te-pair"):
                    for side in (0, 1):
                        self._field(at, side, pair[side])
                    drop = plain_button("", partial(self._drop, at), symbol="close")
                    drop.props["aria-label"] = self._t("Take out {name}", name=pair[0] or "…")
                    drop.classes("is-quiet te-icon")

    def _field(self, at: int, side: int, value: str) -> None:
        def typed(event: ValueChangeEventArguments[str | None]) -> None:
            self._pairs[at][side] = (event.value or "").strip()
            self._tell()

        field = ui.input(self._names[side], value=value, on_change=typed)
        field.props(f"outlined dense debounce=300 maxlength={LONGEST}").classes("cz-field")

    def _add(self) -> None:
        if len(self._pairs) < MOST_ROWS:
            self._pairs.append(["", ""])
            self._draw()

    def _drop(self, at: int) -> None:
        del self._pairs[at]
        self._draw()
        self._tell()

    def _tell(self) -> None:
        self._changed({name: _read(words) for name, words in self._pairs if name})


def _written(value: Any) -> str:
    """A text as it is, a mapping of languages on one line."""
    if isinstance(value, Mapping):
        return yaml.safe_dump(
            dict(value), default_flow_style=True, allow_unicode=True, width=10_000
        ).strip()
    return str(value)


def _read(text: str) -> Any:
    """What stands in braces is by language; everything else is a text."""
    if text.startswith("{"):
        try:
            found = read_yaml(text)
        except (yaml.YAMLError, RecursionError, ValueError):
            return text
        if isinstance(found, Mapping) and all(isinstance(one, str) for one in found.values()):
            return dict(found)
    return text
