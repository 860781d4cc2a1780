"""Fields with several words: tags, names of fields, days of the week."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from designer.forms.choice_words import choice_word
from designer.forms.context import NOTHING, Place
from designer.forms.shapes import shape_of
from designer.widgets import Words, block

_LONGEST: Final = 200


def texts(place: Place) -> None:
    """Words that one types, each with Enter, or takes from what is offered."""
    given = [str(one) for one in place.value] if isinstance(place.value, list | tuple) else []
    offered = dict(place.context.choices.get(place.widget, ()))
    options = {**offered, **{one: offered.get(one, one) for one in given}}
    made = ui.select(
        options, value=given, multiple=True, with_input=True, new_value_mode="add-unique"
    )
    made.props("outlined dense use-chips options-dense").classes("cz-field fm-input fm-chips")
    made.props["aria-label"] = place.title
    if not place.context.may_edit:
        made.props["readonly"] = True

    async def chosen() -> None:
        said = [str(one)[:_LONGEST] for one in made.value or ()]
        await place.changed(said or NOTHING)

    made.on_value_change(chosen)


def several(place: Place) -> None:
    """A closed choice, each on or off, in the order in which it is offered."""
    shape = shape_of(place.prop, place.definitions)
    chosen = {str(one) for one in place.value} if isinstance(place.value, list | tuple) else set()
    buttons: dict[str, ui.element] = {}

    async def flip(value: str) -> None:
        chosen.symmetric_difference_update({value})
        _press(buttons[value], value in chosen)
        said = [one for one in shape.choices if one in chosen]
        await place.changed(said or NOTHING)

    with block("fm-several") as row:
        row.props["role"] = "group"
        row.props["aria-label"] = place.title
        for value in shape.choices:
            button = Words("button", choice_word(value, place.t)).classes("fm-toggle")
            button.props["type"] = "button"
            _press(button, value in chosen)
            if place.context.may_edit:
                button.on("click", lambda value=value: flip(value), args=[])
            buttons[value] = button


def _press(button: ui.element, on: bool) -> None:
    button.props["aria-pressed"] = "true" if on else "false"
    button.classes(add="is-on" if on else None, remove=None if on else "is-on")
