"""Fields of one line or several: text, numbers, times of day, and JSON where nothing is better."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from designer.forms.context import NOTHING, Place
from designer.forms.plain_values import from_text, to_text
from designer.forms.shapes import shape_of

LONGEST: Final = 20_000


def plain_input(place: Place, value: str, *, label: str = "") -> ui.input:
    """A line that looks like all others and is read out by its title."""
    made = ui.input(value=value).props("outlined dense").classes("cz-field fm-input")
    made.props["aria-label"] = label or place.title
    made.props["maxlength"] = LONGEST
    _lock(made, place)
    return made


def _lock(made: ValueElement[Any], place: Place) -> None:
    if not place.context.may_edit:
        made.props["readonly"] = True


def when_left(made: ValueElement[Any], place: Place, read: Any) -> None:
    """Hand on what was typed when the field is left, or Enter is pressed: one step of undo."""
    last = [made.value]

    async def left() -> None:
        if made.value == last[0]:
            return
        last[0] = made.value
        await place.changed(read(made.value))

    made.on("blur", left, args=[])
    made.on("keydown.enter", left, args=[])


def text(place: Place) -> None:
    made = plain_input(place, "" if place.value is None else str(place.value))
    when_left(made, place, some_text)


def some_text(given: str | None) -> Any:
    """Nothing written is nothing said."""
    said = (given or "").strip()
    return said or NOTHING


def long_text(place: Place) -> None:
    made = ui.textarea(value="" if place.value is None else str(place.value))
    made.props("outlined dense autogrow").classes("cz-field fm-input fm-long")
    made.props["aria-label"] = place.title
    made.props["maxlength"] = LONGEST
    _lock(made, place)
    last = [made.value]

    async def left() -> None:
        if made.value != last[0]:
            last[0] = made.value
            await place.changed(some_text(made.value))

    made.on("blur", left, args=[])


def number(place: Place) -> None:
    shape = shape_of(place.prop, place.definitions)
    shown = place.value if isinstance(place.value, int | float) else None
    made = ui.number(value=shown, min=shape.least, max=shape.most, step=1 if shape.whole else None)
    made.props("outlined dense").classes("cz-field fm-input fm-number")
    made.props["aria-label"] = place.title
    if place.prop.get("default") is not None:
        made.props["placeholder"] = str(place.prop["default"])
    _lock(made, place)

    def read(given: float | None) -> Any:
        if given is None:
            return NOTHING
        return int(given) if shape.whole or given == int(given) else given

    when_left(made, place, read)


def clock_time(place: Place) -> None:
    made = plain_input(place, str(place.value or place.prop.get("default") or ""))
    made.props("type=time").classes("fm-number")
    when_left(made, place, some_text)


def json_value(place: Place) -> None:
    """A number, a word, or an expression as JSON."""
    made = plain_input(place, "" if place.value is None else to_text(place.value))
    made.classes("fm-code")

    def read(given: str | None) -> Any:
        said = (given or "").strip()
        return from_text(said) if said else NOTHING

    when_left(made, place, read)
