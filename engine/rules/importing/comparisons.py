"""Comparisons in a foreign document: types meet across them, and relative days come out whole."""

from __future__ import annotations

from collections.abc import Sequence

from engine.rules.check import Placed
from engine.rules.importing.relative_days import When, compared
from engine.rules.importing.translation import Translation, Use, Word
from engine.rules.operators.comparing import Sign

_FLIPPED: dict[Sign, Sign] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_EDGE = "It asks for the very instant at which a period begins or ends; ask for a day instead"


def comparison(sign: Sign) -> Word:
    """Two sides, or for < and <= three with the value in the middle."""

    def word(t: Translation, use: Use) -> object:
        if len(use.arguments) == 3 and sign in ("<", "<="):
            low, high = between(t, use, 1, (0, 2), _FLIPPED[sign], sign)
            return Placed({"and": [low, high]}, use.pointer)
        if len(use.arguments) != 2:
            return Placed({sign: t.arguments(use)}, use.pointer)
        return one(t, use, sign, 0, 1)

    return word


def one(t: Translation, use: Use, sign: Sign, left: int, right: int) -> object:
    """One comparison of two arguments."""
    facts = t.fact(use.arguments[left]), t.fact(use.arguments[right])
    for at, other, said in ((right, left, sign), (left, right, _FLIPPED[sign])):
        when = t.tongue.moments(use.arguments[at])
        if when is not None:
            return _with(t, use, said, other, when, at)
    sides = [
        t.node(use.arguments[left], use.place(left), facts[1]),
        t.node(use.arguments[right], use.place(right), facts[0]),
    ]
    return Placed({sign: sides}, use.pointer)


def _with(t: Translation, use: Use, sign: Sign, value: int, when: When, at: int) -> object:
    beside = t.fact(use.arguments[value])
    if beside is not None and beside.type == "date":
        when = when.as_day()
    exact = compared(sign, when)
    if exact is None:
        return t.failed(use.place(at), "bad_date", f"{_EDGE}.")
    said, day = exact
    sides = [t.node(use.arguments[value], use.place(value)), t.written(day, use.place(at))]
    return Placed({said: sides}, use.pointer)


def between(
    t: Translation, use: Use, value: int, ends: tuple[int, int], above: Sign, below: Sign
) -> Sequence[object]:
    """Both ends of a range, as two comparisons of the value."""
    return one(t, use, above, value, ends[0]), one(t, use, below, value, ends[1])
