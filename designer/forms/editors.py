"""Which editor draws which field: the widget's hint first, else what the schema asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from designer.forms.context import Place, ShowProblems
from designer.forms.groups import group, repeat
from designer.forms.lines import clock_time, json_value, long_text, number
from designer.forms.lists import several, texts
from designer.forms.mapping import mapping
from designer.forms.picking import choice, switch, text_or_choice
from designer.forms.rules import rule
from designer.forms.shapes import ShapeKind, shape_of
from designer.forms.span_fields import offset, span
from designer.widgets import block, words

Editor = Callable[[Place], ShowProblems | None]

_BY_WIDGET: Final[Mapping[str, Editor]] = {
    "rule": rule,
    "long_text": long_text,
    "clock_time": clock_time,
    "amount": json_value,
    "calendar_kind": json_value,
}
_TEXTS_BY_WIDGET: Final[Mapping[str, Editor]] = {"span": span, "offset": offset}
_BY_SHAPE: Final[Mapping[ShapeKind, Editor]] = {
    "choice": choice,
    "switch": switch,
    "number": number,
    "several": several,
    "texts": texts,
    "repeat": repeat,
    "group": group,
    "mapping": mapping,
    "text": text_or_choice,
    "any": json_value,
}


def draw(place: Place) -> ShowProblems | None:
    """Draw the field; what is returned shows problems inside it."""
    shape = shape_of(place.prop, place.definitions)
    if shape.kind != "switch" and place.widget != "rule":
        _title(place)
    by_widget = _BY_WIDGET.get(place.widget)
    if by_widget is None and shape.kind == "text":
        by_widget = _TEXTS_BY_WIDGET.get(place.widget)
    return (by_widget or _BY_SHAPE[shape.kind])(place)


def _title(place: Place) -> None:
    with block("fm-title"):
        words(place.title)
        if place.required:
            words("*", "fm-star").props["aria-hidden"] = "true"
