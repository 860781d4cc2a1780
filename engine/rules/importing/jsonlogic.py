"""Plain JSONLogic: the words that a rule has a counterpart of, and why the others are refused."""

from __future__ import annotations

from collections.abc import Mapping

from engine.rules.check import Placed
from engine.rules.importing.comparisons import comparison
from engine.rules.importing.lists import left_over, quantifier, reduced
from engine.rules.importing.translation import Tongue, Translation, Use, Word, operation


def same(t: Translation, use: Use) -> object:
    """A word that means the same in a rule."""
    return Placed({use.name: t.arguments(use)}, use.pointer)


def fact(t: Translation, use: Use) -> object:
    """`var`, by its name or with a default."""
    match list(use.arguments):
        case [str(name)] | [str(name), None]:
            return Placed({"var": Placed(t.path(name), use.place(0))}, use.pointer)
        case [str(name), default]:
            found = Placed({"var": t.path(name)}, use.pointer)
            otherwise = t.node(default, use.place(1), t.fact({"var": name}))
            return Placed({"if": [{"is_set": [found]}, found, otherwise]}, use.pointer)
        case _:
            message = "A fact is named by a text; places in a list and the whole record are not."
            return t.failed(use.pointer, "unknown_field", message)


def is_in(t: Translation, use: Use) -> object:
    """Membership in a list, which may name facts, or a piece of a text."""
    match list(use.arguments):
        case [value, list(options)] if any(isinstance(option, dict) for option in options):
            return _equal_to_any(t, use, value, options)
        case [value, list(options)]:
            beside = t.fact(value)
            place = use.place(1)
            meant = [t.node(one, f"{place}/{at}", beside) for at, one in enumerate(options)]
            return Placed({"in": [t.node(value, use.place(0)), Placed(meant, place)]}, use.pointer)
        case _:
            return same(t, use)


def _equal_to_any(t: Translation, use: Use, value: object, options: list[object]) -> object:
    beside = t.fact(value)
    one = t.node(value, use.place(0))
    place = use.place(1)
    each = [
        {"==": [one, t.node(option, f"{place}/{at}", beside)]} for at, option in enumerate(options)
    ]
    return Placed({"or": each}, use.pointer)


def truth(t: Translation, use: Use) -> object:
    """`!` and `!!`, also of what is left of a list by a filter."""
    if len(use.arguments) == 1 and operation(use.arguments[0])[0] == "filter":
        return Placed({use.name: [left_over(t, use, use.arguments[0])]}, use.pointer)
    return same(t, use)


def missing(t: Translation, use: Use) -> object:
    """The facts that are unknown, which is a condition when there are any."""
    return Placed({"or": [_unknown(t, use, at) for at in range(len(use.arguments))]}, use.pointer)


def _unknown(t: Translation, use: Use, at: int) -> object:
    name = use.arguments[at]
    path = t.path(name) if isinstance(name, str) else name
    return Placed({"is_empty": [{"var": Placed(path, use.place(at))}]}, use.place(at))


def missing_some(t: Translation, use: Use) -> object:
    """The unknown facts when fewer than so many are known: sayable for one of them and for all."""
    match list(use.arguments):
        case [int(least), list(names)] if names and least in (1, len(names)):
            inner = Use(
                use.name,
                tuple(names),
                use.pointer,
                tuple(f"{use.place(1)}/{at}" for at in range(len(names))),
            )
            unknown = [_unknown(t, inner, at) for at in range(len(names))]
            return Placed({"and" if least == 1 else "or": unknown}, use.pointer)
        case _:
            message = "A rule can ask for one of the facts or for all of them, not for some number."
            return t.failed(f"{use.pointer}/{use.name}", "unknown_operator", message)


def plus(t: Translation, use: Use) -> object:
    """Addition; of a single number the number itself."""
    if len(use.arguments) == 1:
        return Placed({"+": [*t.arguments(use), 0]}, use.pointer)
    return same(t, use)


WORDS: Mapping[str, Word] = {
    "var": fact,
    "==": comparison("=="),
    "===": comparison("=="),
    "!=": comparison("!="),
    "!==": comparison("!="),
    "<": comparison("<"),
    "<=": comparison("<="),
    ">": comparison(">"),
    ">=": comparison(">="),
    "and": same,
    "or": same,
    "!": truth,
    "!!": truth,
    "if": same,
    "?:": lambda t, use: Placed({"if": t.arguments(use)}, use.pointer),
    "in": is_in,
    "+": plus,
    "-": same,
    "*": same,
    "/": same,
    "some": quantifier("some"),
    "all": quantifier("all"),
    "none": quantifier("none"),
    "missing": missing,
    "missing_some": missing_some,
    "reduce": reduced,
}
REFUSED: Mapping[str, str] = {
    "%": "remainders differ between engines below zero",
    "max": "it compares its arguments; compare each of them instead",
    "min": "it compares its arguments; compare each of them instead",
    "map": "a rule answers yes or no and builds no lists",
    "filter": 'a rule builds no lists; use "some", "none" or count it',
    "merge": "a rule builds no lists",
    "cat": "a rule builds no texts",
    "substr": 'a rule cuts no texts; use "starts_with" or "contains"',
    "log": "a rule has no side effects",
    "method": "a rule calls no methods",
}
JSONLOGIC = Tongue(WORDS, REFUSED)
