"""react-querybuilder: `formatQuery(query, "jsonlogic")`, with its processors of dates and times."""

from __future__ import annotations

from engine.rules.check import Placed
from engine.rules.importing.comparisons import between, one
from engine.rules.importing.jsonlogic import REFUSED, WORDS
from engine.rules.importing.relative_days import When, unit_named
from engine.rules.importing.translation import Tongue, Translation, Use, Word, operation
from engine.rules.operators.comparing import Sign


def _renamed(name: str) -> Word:
    return lambda t, use: Placed({name: t.arguments(use)}, use.pointer)


def _dated(sign: Sign) -> Word:
    def word(t: Translation, use: Use) -> object:
        if len(use.arguments) != 2:
            return Placed({sign: t.arguments(use)}, use.pointer)
        return one(t, use, sign, 0, 1)

    return word


def _between(t: Translation, use: Use) -> object:
    """The value stands in the middle, and the ends may be the wrong way round."""
    match list(use.arguments):
        case [str(first), _, str(last)] if first > last:
            ends = (2, 0)
        case [_, _, _]:
            ends = (0, 2)
        case _:
            return Placed({"between": t.arguments(use)}, use.pointer)
    return Placed({"and": [*between(t, use, 1, ends, ">=", "<=")]}, use.pointer)


def _not_between(t: Translation, use: Use) -> object:
    return Placed({"!": [_between(t, use)]}, use.pointer)


def _among(t: Translation, use: Use) -> object:
    """One of several days; beside a time each is a whole day."""
    match list(use.arguments):
        case [value, list(days)] if days:
            each = [one(t, _beside(use, value, day, at), "==", 0, 1) for at, day in enumerate(days)]
            return Placed({"or": each}, use.pointer)
        case _:
            return Placed({"in": t.arguments(use)}, use.pointer)


def _beside(use: Use, value: object, day: object, at: int) -> Use:
    """The comparison with one of the days, which stands in the list."""
    return Use(use.name, (value, day), use.pointer, (use.place(0), f"{use.place(1)}/{at}"))


def _not_among(t: Translation, use: Use) -> object:
    return Placed({"!": [_among(t, use)]}, use.pointer)


def relative(document: object) -> When | None:
    """`{"dateRelative": [anchor, offset, unit, whole days]}`."""
    match operation(document):
        case "dateRelative", [str(anchor), offset, unit, *precision]:
            when = _anchored(anchor)
            if when is not None and precision == [True]:
                when = when.as_day()
            return when if when is None or offset == 0 else when.moved(offset, unit)
        case _:
            return None


def _anchored(anchor: str) -> When | None:
    if anchor == "now":
        return When("now")
    for prefix, edge in (("startOf", "start"), ("endOf", "end")):
        unit = unit_named(anchor.removeprefix(prefix).lower())
        if anchor.startswith(prefix) and unit is not None:
            return When(edge, unit)  # type: ignore[arg-type]  # one of the two edges above
    return None


REACT_QUERYBUILDER = Tongue(
    words={
        **WORDS,
        "startsWith": _renamed("starts_with"),
        "endsWith": _renamed("ends_with"),
        "dateAfter": _dated(">"),
        "dateBefore": _dated("<"),
        "dateOn": _dated("=="),
        "dateNotOn": _dated("!="),
        "dateOnOrAfter": _dated(">="),
        "dateOnOrBefore": _dated("<="),
        "dateBetween": _between,
        "dateNotBetween": _not_between,
        "dateIn": _among,
        "dateNotIn": _not_among,
    },
    refused={**REFUSED, "dateRelative": "it is no moment that a rule can name"},
    moments=relative,
    builder=True,
)
