"""An input for a field of a record, by what the field takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nicegui import ui

from designer.records.words import choice_words
from designer.visitor import Visitor
from engine.services.records import Editable

LONGEST: Final = 500


def field_input(
    known: Editable, value: Any, visitor: Visitor, *, label: str | None = None
) -> Callable[[], Any]:
    """Draws it; the answer reads what was entered, None where that is nothing."""
    t = visitor.t
    element: Any
    if known.kind == "yes_no":
        element = ui.select(
            {True: t("yes"), False: t("no")}, value=value, label=label, clearable=True
        )
    elif known.values:
        options = {one: choice_words(known.name, one, t)[0] for one in known.values}
        if value is not None and not known.many and value not in options:
            options[value] = str(value)
        element = ui.select(
            options,
            value=list(value or ()) if known.many else value,
            label=label,
            clearable=not known.needed,
            multiple=known.many,
            with_input=len(options) > 8,
        )
    elif known.many:
        kept = list(value or ())
        element = ui.select(
            kept,
            value=kept,
            label=label,
            multiple=True,
            with_input=True,
            new_value_mode="add-unique",
        ).props("use-chips")
    elif known.kind == "day":
        element = ui.input(label=label, value=str(value or "")).props("type=date stack-label")
    elif known.kind == "number":
        element = ui.number(label=label, value=value)
    else:
        element = ui.input(label=label, value=str(value or ""))
        element.props["maxlength"] = LONGEST
    element.props("outlined dense options-dense").classes("full-width cz-field")
    element.mark("field-value")

    def read() -> Any:
        found = element.value
        if isinstance(found, str):
            found = found.strip()
        if isinstance(found, float) and found == int(found):
            found = int(found)
        return None if found in ("", [], None) else found

    return read
