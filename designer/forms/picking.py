"""Fields where one of several is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from designer.forms.choice_words import choice_word
from designer.forms.context import NOTHING, Place, in_language
from designer.forms.lines import text
from designer.forms.shapes import shape_of
from designer.widgets import words


def choice(place: Place) -> None:
    shape = shape_of(place.prop, place.definitions)
    names = place.prop.get("names", {})
    options = [(value, names.get(value) or choice_word(value, place.t)) for value in shape.choices]
    default = place.prop.get("default")
    select(place, options, free=False, clearable=shape.may_miss, shown=place.value or default)


def text_or_choice(place: Place) -> None:
    """A line of text; where its widget has something to offer, that is offered."""
    offered = place.context.choices.get(place.widget)
    if not offered:
        text(place)
        return
    shape = shape_of(place.prop, place.definitions)
    shown = place.value or place.prop.get("default")
    select(place, offered, free=True, clearable=shape.may_miss, shown=shown)


def select(
    place: Place,
    offered: Sequence[tuple[str, str]],
    *,
    free: bool,
    clearable: bool,
    shown: Any,
) -> ui.select:
    """`free`: one may write what is not offered, such as an event that has not come yet."""
    options = dict(offered)
    value = None if shown is None else str(shown)
    if value is not None and value not in options:
        options[value] = value
    made = ui.select(
        options,
        value=value,
        with_input=free or len(options) > 8,
        new_value_mode="add-unique" if free else None,
        clearable=clearable,
    )
    made.props("outlined dense options-dense").classes("cz-field fm-input")
    made.props["aria-label"] = place.title
    if free:
        # what is typed and not chosen counts too, when the field is left
        made.props("hide-selected fill-input input-debounce=0")
    if not place.context.may_edit:
        made.props["readonly"] = True

    async def chosen() -> None:
        await place.changed(NOTHING if made.value in (None, "") else made.value)

    made.on_value_change(chosen)
    return made


def switch(place: Place) -> None:
    default = bool(place.prop.get("default", False))
    made = ui.switch(
        in_language(place.prop, "title", place.t) or place.title,
        value=default if place.value is None else bool(place.value),
    )
    made.classes("fm-switch")
    if not place.context.may_edit:
        made.disable()

    async def turned() -> None:
        await place.changed(NOTHING if made.value == default else made.value)

    made.on_value_change(turned)


def note(text_: str) -> None:
    words(text_, "fm-help", tag="p")
