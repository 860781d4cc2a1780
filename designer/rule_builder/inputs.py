"""Small fields of the builder. Each tells its value when it changes, as a rule has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

Tell = Callable[[Any], None]
DEBOUNCE_MS: Final = 250
LONGEST_TEXT: Final = 2_000
MOST_VALUES: Final = 500


def _field(made: Any, label: str, classes: str) -> Any:
    made.props("outlined dense options-dense").classes(f"cz-field rb-input {classes}")
    made.props["aria-label"] = label
    return made


def text_input(value: Any, tell: Tell, label: str, *, placeholder: str = "") -> ui.input:
    def changed(event: ValueChangeEventArguments[str | None]) -> None:
        tell((event.value or "")[:LONGEST_TEXT] or None)

    made = ui.input(value="" if value is None else str(value), on_change=changed)
    made.props(f"debounce={DEBOUNCE_MS} maxlength={LONGEST_TEXT}")
    made.props["placeholder"] = placeholder
    return _field(made, label, "is-text").mark("rule-value")  # type: ignore[no-any-return]


def number_input(
    value: Any, tell: Tell, label: str, *, whole: bool = False, least: float | None = None
) -> ui.number:
    def changed(event: ValueChangeEventArguments[float | None]) -> None:
        tell(as_number(event.value, whole=whole))

    shown = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    made = ui.number(value=shown, min=least, on_change=changed)
    made.props(f"debounce={DEBOUNCE_MS}")
    return _field(made, label, "is-number").mark("rule-value")  # type: ignore[no-any-return]


def as_number(value: float | None, *, whole: bool = False) -> float | None:
    """3.0 is 3; None stays to be chosen."""
    if value is None:
        return None
    return int(value) if whole or float(value).is_integer() else float(value)


def day_input(value: Any, tell: Tell, label: str) -> ui.input:
    def changed(event: ValueChangeEventArguments[str | None]) -> None:
        tell(event.value or None)

    made = ui.input(value=value if isinstance(value, str) else "", on_change=changed)
    made.props("type=date")
    return _field(made, label, "is-date").mark("rule-value")  # type: ignore[no-any-return]


def choice(value: Any, options: Mapping[Any, str], tell: Tell, label: str) -> ui.select:
    """One of a closed list; what is not on it is shown all the same."""
    shown = dict(options)
    if value is not None and value not in shown:
        shown[value] = str(value)

    def changed(event: ValueChangeEventArguments[Any]) -> None:
        tell(event.value)

    made = ui.select(shown, value=value, on_change=changed)
    return _field(made, label, "is-choice")  # type: ignore[no-any-return]


def named(
    value: str | None, offered: Sequence[str], tell: Tell, label: str, *, placeholder: str = ""
) -> ui.select:
    """A name out of those seen before, or one that has not come yet."""
    options = list(dict.fromkeys((*offered, *((value,) if value else ()))))

    def changed(event: ValueChangeEventArguments[str | None]) -> None:
        tell((event.value or "")[:LONGEST_TEXT] or None)

    made = ui.select(
        options, value=value, with_input=True, new_value_mode="add-unique", on_change=changed
    )
    # what is typed and not chosen counts too, when the field is left
    made.props("hide-selected fill-input input-debounce=0")
    made.props["placeholder"] = "" if value else placeholder
    made.on(
        "blur",
        lambda event: _typed_counts(made, event.args),
        js_handler="(event) => emit(event.target.value || '')",
    )
    return _field(made, label, "is-name").mark("rule-name")  # type: ignore[no-any-return]


def _typed_counts(field: ui.select, typed: Any) -> None:
    name = typed.strip()[:LONGEST_TEXT] if isinstance(typed, str) else ""
    if name and name != field.value:
        if name not in field.options:
            field.set_options([*field.options, name])
        field.set_value(name)


def several(
    values: Sequence[Any],
    offered: Mapping[Any, str] | Sequence[str],
    tell: Tell,
    label: str,
    *,
    closed: bool = False,
    placeholder: str = "",
) -> ui.select:
    """Values as chips; Enter adds what was typed, unless the list is closed."""
    options: Any
    if isinstance(offered, Mapping):
        options = {**offered, **{one: str(one) for one in values if one not in offered}}
    else:
        options = list(dict.fromkeys((*offered, *map(str, values))))

    def changed(event: ValueChangeEventArguments[Any]) -> None:
        tell(tuple((event.value or ())[:MOST_VALUES]))

    made = ui.select(
        options,
        value=[one if isinstance(offered, Mapping) else str(one) for one in values],
        multiple=True,
        with_input=not closed,
        new_value_mode=None if closed else "add-unique",
        on_change=changed,
    )
    made.props("use-chips input-debounce=0")
    if not values:
        made.props["placeholder"] = placeholder
    return _field(made, label, "is-several").mark("rule-values")  # type: ignore[no-any-return]
