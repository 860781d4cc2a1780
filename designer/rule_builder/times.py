"""Fields for times: lengths, windows that slide with now, days, and moments such as "today"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from designer.i18n import N_, Translator
from designer.rule_builder.inputs import Tell, choice, day_input, number_input
from designer.rule_builder.wordings import ANCHOR_WORDS, UNIT_WORDS, operator_word
from designer.widgets import block, words
from engine.rules.building.choices import first_arguments
from engine.rules.building.shapes import DAYS, PERIODS, SHAPES, UNITS

EVER: Final = "ever"
# Windows one may ask an event for, and those that reach until now, as "was ever" needs them.
EVENT_WINDOWS: Final = (
    *("in_last", "today", "this_week", "this_month", "this_quarter", "this_year"),
    *("in_last_calendar", "more_than_ago", "before", "after", "on", "between"),
)
PAST_WINDOWS: Final = (
    *("in_last", "today", "this_week", "this_month", "this_quarter", "this_year"),
    *("in_last_calendar", "after"),
)
_LENGTH: Final = re.compile(r"(?P<sign>[+-]?)P(?P<count>\d{1,5})(?P<unit>[DWMY])")
_LETTERS: Final = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
_SIDES: Final[Mapping[str, str]] = {"before": N_("before"), "after": N_("after")}


def units(shape: str, t: Translator) -> dict[str, str]:
    known = {"unit": UNITS, "period": PERIODS, "days": DAYS}[shape]
    return {one: t(UNIT_WORDS[one]) for one in known}


def length(count: Any, unit: Any, shape: str, tell: Tell, t: Translator) -> None:
    """So many days; tells (count, unit)."""
    now = [count, unit]

    def put(at: int, value: Any) -> None:
        now[at] = value
        tell(tuple(now))

    number_input(count, lambda value: put(0, value), t("How many"), whole=True, least=0)
    choice(unit, units(shape, t), lambda value: put(1, value), t("Unit"))


def window(
    value: tuple[Any, ...] | None,
    allowed: tuple[str, ...],
    tell: Tell,
    t: Translator,
) -> None:
    """When it must have been; tells a window as rules have it, or None for ever."""
    options = {EVER: t("at any time"), **{one: operator_word(one, t) for one in allowed}}
    name = EVER if value is None else str(value[0])

    def put(chosen: str) -> None:
        tell(None if chosen == EVER else (chosen, *first_arguments(chosen)))

    choice(name, options, put, t("When")).mark("window")
    if value is not None:
        _window_arguments(value, tell, t)


def _window_arguments(value: tuple[Any, ...], tell: Tell, t: Translator) -> None:
    name, *rest = value
    shapes = SHAPES.get(str(name), ())
    if len(rest) == 2 and shapes[:1] == ("count",):
        length(rest[0], rest[1], shapes[1], lambda two: tell((name, *two)), t)
        return
    now = list(value)
    for at, one in enumerate(rest, start=1):
        if at > 1:
            words(t("and"), "rb-word")
        day(one, _putting(now, at, tell), t)


def _putting(now: list[Any], at: int, tell: Tell) -> Tell:
    """Changes one of several values that are told together."""

    def put(one: Any) -> None:
        now[at] = one
        tell(tuple(now))

    return put


def day(value: Any, tell: Tell, t: Translator) -> None:
    """A day of the calendar, or one that slides with now."""
    sliding = isinstance(value, dict)
    modes = {"day": t("on a date"), "moment": t("relative to today")}

    def mode(chosen: str) -> None:
        tell({"moment": ["day"]} if chosen == "moment" else None)

    choice("moment" if sliding else "day", modes, mode, t("Kind of date")).mark("date-mode")
    if sliding:
        moment(value, tell, t)
    elif isinstance(value, str) and len(value) > len("2026-03-01"):
        words(value, "rb-word cz-number")
    else:
        day_input(value, tell, t("Date"))


def moment(value: dict[str, Any], tell: Tell, t: Translator) -> None:
    """Today, or the start of this month, moved by a length."""
    anchor, count, unit, side = read_moment(value)
    with block("rb-moment"):
        now: dict[str, Any] = {"count": count, "unit": unit, "side": side, "anchor": anchor}

        def put(key: str, one: Any) -> None:
            now[key] = one
            tell(moment_of(now["anchor"], now["count"], now["unit"], now["side"]))

        number_input(count, lambda one: put("count", one), t("How many"), whole=True, least=0)
        choice(unit, units("period", t), lambda one: put("unit", one), t("Unit"))
        sides = {key: t(name) for key, name in _SIDES.items()}
        choice(side, sides, lambda one: put("side", one), t("Before or after"))
        anchors = {key: t(name) for key, name in ANCHOR_WORDS.items()}
        choice(anchor, anchors, lambda one: put("anchor", one), t("From when"))


def read_moment(value: dict[str, Any]) -> tuple[str, int, str, str]:
    """Anchor, count, unit and side of {"moment": ["day", "-P3D"]}."""
    parts = value.get("moment") or ["now"]
    found = _LENGTH.fullmatch(parts[1]) if len(parts) > 1 else None
    if found is None:
        return str(parts[0]), 0, "days", "before"
    side = "before" if found["sign"] == "-" else "after"
    return str(parts[0]), int(found["count"]), _LETTERS[found["unit"]], side


def moment_of(anchor: str, count: Any, unit: str, side: str) -> dict[str, Any]:
    """The other way; nothing is moved by a count of 0."""
    if not isinstance(count, int) or count <= 0:
        return {"moment": [anchor]}
    if unit == "quarters":
        count, unit = count * 3, "months"
    letter = next(key for key, name in _LETTERS.items() if name == unit)
    return {"moment": [anchor, f"{'-' if side == 'before' else ''}P{count}{letter}"]}


def is_simple(value: Any) -> bool:
    """Whether the fields above can show this moment."""
    if not isinstance(value, dict):
        return True
    parts = value.get("moment")
    if not isinstance(parts, list):
        return value == {"now": []}
    return len(parts) == 1 or _LENGTH.fullmatch(str(parts[1])) is not None
