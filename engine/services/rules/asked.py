"""A rule as somebody gives it, and what there is to say about it before any record is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from engine.errors import Problem, Refused
from engine.rules import Catalogue, Rule, RuleProblem, RuleRefused, Subject, parse
from engine.rules.analysis import Finding, Kind, check_document
from engine.rules.importing import Source, import_rule

Origin = Literal["dialect1", "jsonlogic", "awesome", "react"]
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
_SOURCES: Final[Mapping[Origin, Source]] = {
    "jsonlogic": "jsonlogic",
    "awesome": "awesome_query_builder",
    "react": "react_querybuilder",
}
_DOUBTS: Final[Mapping[Kind, str]] = {
    Kind.IMPOSSIBLE: "This can never be true.",
    Kind.ALWAYS: "This is always true.",
    Kind.NOT_DECIDED: "Whether this can be true was not found out in time.",
}


@dataclass(frozen=True, slots=True)
class AskedRule:
    """`subject` is what the rule is about; `event_rule` says that an event is at hand, as in the
    trigger of a flow. `origin` is the language it is written in; where a rule builder writes a day
    as an instant, `zone` is where it was meant.
    """

    document: object
    subject: Subject = "contact"
    event_rule: bool = False
    origin: Origin = "dialect1"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is allowed and probably not meant."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Examined:
    """`rule` is None when there are problems, and `document` is the rule in dialect 1.

    Problems point into the document as it was given, warnings into the one in dialect 1.
    """

    rule: Rule | None
    document: object
    problems: tuple[RuleProblem, ...] = ()
    warnings: tuple[Warned, ...] = ()


class RuleNotAccepted(Refused):
    """The rule has mistakes; each problem's place is a pointer."""

    code = "rule_refused"

    def __init__(self, problems: Iterable[RuleProblem], place: str = "") -> None:
        super().__init__(
            "The rule has mistakes.",
            [Problem(f"{place}{one.pointer}", one.code, one.message) for one in problems],
        )


def examine(asked: AskedRule, catalogue: Catalogue) -> Examined:
    """Everything that is wrong with a rule. Never raises, whatever the document is."""
    try:
        document = _in_dialect_1(asked, catalogue)
        rule = parse(document, catalogue, event_rule=asked.event_rule, subject=asked.subject)
    except RuleRefused as refused:
        return Examined(None, asked.document, refused.problems)
    return Examined(rule, document)


def examine_closely(asked: AskedRule, catalogue: Catalogue) -> Examined:
    """`examine`, and what is doubtful about the rule. That is a search: it takes milliseconds, and
    for the largest rules much longer, until it gives up.
    """
    examined = examine(asked, catalogue)
    if examined.rule is None:
        return examined
    found = check_document(
        examined.document, catalogue, event_rule=asked.event_rule, subject=asked.subject
    )
    return replace(examined, warnings=tuple(map(_warned, found)))


def accepted(asked: AskedRule, catalogue: Catalogue, *, place: str = "") -> Rule:
    """The rule, or RuleNotAccepted with every mistake; `place` is where the rule stands in what the
    caller sent.
    """
    examined = examine(asked, catalogue)
    if examined.rule is None:
        raise RuleNotAccepted(examined.problems, place)
    return examined.rule


async def accepted_meanwhile(asked: AskedRule, catalogue: Catalogue, *, place: str = "") -> Rule:
    """`accepted`; a rule of another tool is translated in a thread, while others are served."""
    if asked.origin == "dialect1":
        return accepted(asked, catalogue, place=place)
    return await asyncio.to_thread(accepted, asked, catalogue, place=place)


def _in_dialect_1(asked: AskedRule, catalogue: Catalogue) -> object:
    if asked.origin == "dialect1":
        return asked.document
    return import_rule(
        asked.document,
        _SOURCES[asked.origin],
        catalogue,
        event_rule=asked.event_rule,
        subject=asked.subject,
        zone=asked.zone,
    )


def _warned(finding: Finding) -> Warned:
    message = _DOUBTS.get(finding.kind, f"{finding.kind}.")
    if finding.others:
        message = f"{message} It is at odds with {', '.join(finding.others)}."
    return Warned(finding.pointer, finding.kind, message)
