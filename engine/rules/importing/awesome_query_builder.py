"""react-awesome-query-builder: the `logic` of its JSONLogic export, with its own functions."""

from __future__ import annotations

from engine.rules.check import Placed
from engine.rules.importing.comparisons import comparison
from engine.rules.importing.jsonlogic import REFUSED, WORDS
from engine.rules.importing.relative_days import When, unit_named
from engine.rules.importing.translation import Tongue, Translation, Use, operation
from engine.rules.problems import RuleProblem, RuleRefused, step_into


def logic_of(document: object) -> tuple[object, str]:
    """The logic and the pointer to it, in an export `{"logic", "data", "errors"}` or by itself.

    Raises RuleRefused when the builder itself left something out.
    """
    if not isinstance(document, dict) or "logic" not in document:
        return document, ""
    if document.get("errors"):
        message = "The builder could not export all of the rule, so it would not be the same rule."
        raise RuleRefused((RuleProblem("/errors", "not_a_rule", message),))
    return document["logic"], "/logic"


def _cased(t: Translation, use: Use) -> object:
    """A text in one case: of a fact that is compared without regard to case, the fact itself."""
    match list(use.arguments):
        case [str(text)]:
            return Placed(text.lower() if use.name == "toLowerCase" else text.upper(), use.place(0))
        case [inner]:
            fact = t.fact(inner)
            if fact is not None and fact.folded:
                return t.node(inner, use.place(0))
    message = "This fact is compared letter by letter, so its case cannot be changed in a rule."
    return t.failed(step_into(use.pointer, use.name), "wrong_type", message)


def moments(document: object) -> When | None:
    """now, today, the start of a period around now, and what is added to them."""
    match operation(document):
        case "now", []:
            return When("now")
        case "today", []:
            return When("day")
        case "start_of_today", []:
            return When("start")
        case "datetime_truncate", [inner, str(unit)]:
            return _truncated(moments(inner), unit)
        case "date_add" | "datetime_add", [inner, number, unit]:
            base = moments(inner)
            return None if base is None else base.moved(number, unit)
        case _:
            return None


def _truncated(base: When | None, unit: str) -> When | None:
    """The start of the period around now; around another moment a rule cannot say it."""
    known = unit_named(unit)
    if base not in (When("now"), When("day"), When("start")) or known is None:
        return None
    return When("start", known)


_MOVED = "only now and today, and the start of the period around them, can be moved"
AWESOME_QUERY_BUILDER = Tongue(
    words={
        **WORDS,
        "date==": comparison("=="),
        "date!=": comparison("!="),
        "datetime==": comparison("=="),
        "datetime!=": comparison("!="),
        "toLowerCase": _cased,
        "toUpperCase": _cased,
    },
    refused={
        **REFUSED,
        "date_add": _MOVED,
        "datetime_add": _MOVED,
        "datetime_truncate": _MOVED,
        "strlen": "a rule counts no letters",
        "regexTest": "a rule has no patterns",
    },
    moments=moments,
    builder=True,
)
