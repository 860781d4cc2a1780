"""Fields of a form over a drawn document: each writes one place and shows what is wrong there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from nicegui import ui
from nicegui.elements.mixins.disableable_element import DisableableElement

from designer.i18n import Translator
from designer.ladders.desk import Desk
from designer.ladders.sheet import Path
from designer.ladders.span_words import UNITS, split_span
from designer.widgets import block, words

Field = TypeVar("Field", bound=DisableableElement)
# What is typed travels when the fingers rest.
_REST: Final = "debounce=350"


def text(
    desk: Desk, path: Path, label: str, *, longest: int = 200, hint: str = "", usual: str = ""
) -> ui.input:
    def changed(event: Any) -> None:
        desk.put(path, str(event.value or "").strip() or None)

    field = ui.input(label, value=str(desk.get(path) or usual), on_change=changed)
    field.props(f"outlined dense maxlength={longest} {_REST}")
    if hint:
        field.props["hint"] = hint
    return _finished(desk, path, field)


def number(
    desk: Desk, path: Path, label: str, low: int, high: int, *, usual: int | None = None
) -> ui.number:
    """Empty takes the key away."""

    def changed(event: Any) -> None:
        desk.put(path, None if event.value is None else int(event.value))

    value = desk.get(path, usual)
    shown = value if isinstance(value, int | float) else None
    field = ui.number(label, value=shown, min=low, max=high, precision=0, on_change=changed)
    field.props(f"outlined dense {_REST}")
    return _finished(desk, path, field)


def choice(
    desk: Desk,
    path: Path,
    label: str,
    options: Mapping[Any, str],
    *,
    usual: Any = None,
    turn: Callable[[Any], Any] | None = None,
) -> ui.select:
    """What is stored and no option is shown as it is. `turn` gives the document for a value that
    changes the form itself."""
    value = desk.get(path, usual)
    known = dict(options)
    if value is not None and value not in known and isinstance(value, str | int):
        known[value] = str(value)

    def changed(event: Any) -> None:
        if turn is not None:
            desk.turn(turn(event.value))
        else:
            desk.put(path, None if event.value == usual else event.value)

    field = ui.select(
        known, label=label, value=value if value in known else None, on_change=changed
    )
    field.props("outlined dense")
    if len(known) > 8:
        field.props("use-input hide-selected fill-input input-debounce=0")
    return _finished(desk, path, field)


def switch(desk: Desk, path: Path, label: str, *, usual: bool = False) -> ui.checkbox:
    def changed(event: Any) -> None:
        desk.put(path, None if bool(event.value) == usual else bool(event.value))

    box = ui.checkbox(label, value=bool(desk.get(path, usual)), on_change=changed)
    if not desk.may_edit:
        box.disable()
    return box


def words_list(desk: Desk, path: Path, label: str, *, hint: str = "") -> ui.input:
    """Several words in one field, with commas between."""

    def changed(event: Any) -> None:
        found = [part.strip() for part in str(event.value or "").split(",")]
        desk.put(path, [part for part in found if part] or None)

    value = desk.get(path) or []
    shown = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    field = ui.input(label, value=shown, on_change=changed)
    field.props(f"outlined dense maxlength=2000 {_REST}")
    if hint:
        field.props["hint"] = hint
    return _finished(desk, path, field)


def span(desk: Desk, path: Path, label: str, *, usual: str | None = None) -> None:
    """A number and a unit; empty takes the length away. What one number and unit cannot say is
    edited as text."""
    t = desk.visitor.t
    stored = desk.get(path, usual)
    split = split_span(stored) if stored is not None else None
    if stored is not None and split is None:
        text(desk, path, label, longest=40)
        return
    count, unit = split or (None, "h")
    with block("lad-span"):
        amount = ui.number(label, value=count, min=1, max=10_000, precision=0)
        amount.props(f"outlined dense clearable {_REST}")
        units = ui.select(unit_words(t), value=unit).props("outlined dense")
        units.classes("cz-field lad-unit")
        units.props["aria-label"] = t("{label}: unit", label=label)

    def changed() -> None:
        given = amount.value
        desk.put(path, f"{int(given)}{units.value}" if given else None)

    amount.on_value_change(changed)
    units.on_value_change(changed)
    if not desk.may_edit:
        units.disable()
    _finished(desk, path, amount)


def unit_words(t: Translator) -> dict[str, str]:
    said = (t("minutes"), t("hours"), t("days"), t("weeks"))
    return dict(zip(UNITS, said, strict=True))


def _finished(desk: Desk, path: Path, field: Field) -> Field:
    field.classes("cz-field full-width")
    if not desk.may_edit:
        field.disable()
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))
    return field
