"""Rule files: a rule as text, with the cases that prove it written beside it.

A file is a bare rule, a rule with its envelope, a mapping with `rule` and what belongs to it, or a
list of cases that bring a rule each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast, get_args

from engine.errors import Problem, Refused
from engine.flows.places import Places
from engine.flows.written import TextRefused, read_text
from engine.local_time import is_zone
from engine.rules import Subject
from engine.rules.problems import RuleProblem, shown, step_into
from engine.services.field_values import ValueRefused, instant
from engine.services.rules.asked import AskedRule, Origin

_FILE_KEYS: Final = ("name", "dialect", "rule", "subject", "event", "now", "zone", "cases")
_CASE_KEYS: Final = ("name", "rule", "subject", "event", "now", "zone", "facts", "holds")
_SUBJECTS: Final = get_args(Subject)


class RuleFileRefused(Refused):
    """The file cannot be used; every problem's place is a line of it."""

    code = "rule_file_refused"


@dataclass(frozen=True, slots=True)
class Usual:
    """What holds where the file says nothing: from the command line, or as it always is."""

    now: datetime
    zone: str = "UTC"
    subject: Subject = "contact"
    event_rule: bool = False
    origin: Origin = "dialect1"


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule, and the pointer into the file at which its document stands."""

    asked: AskedRule
    pointer: str


@dataclass(frozen=True, slots=True)
class Case:
    """Facts, and whether the rule holds of them at a moment in a zone."""

    name: str
    rule: PlacedRule
    facts: Any
    holds: bool
    now: datetime
    zone: str
    pointer: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    """`rule` is None for a list of cases. `line` says where in the file something is."""

    rule: PlacedRule | None
    cases: tuple[Case, ...]
    places: Places

    def line(self, pointer: str) -> str:
        """ "vip.yaml:12:5", for a pointer into the file."""
        line, column = self.places.position(pointer)
        return f"{self.places.file}:{line}:{column}"

    def problem(self, found: RuleProblem, pointer: str = "") -> Problem:
        """A problem of something that stands at `pointer`, by its line."""
        return Problem(self.line(pointer + found.pointer), found.code, found.message)


def read_rule_file(text: str | bytes, file: str, usual: Usual) -> RuleFile:
    """Raises RuleFileRefused with every mistake in the file's own form; rules are not parsed."""
    try:
        written = read_text(text, file)
    except TextRefused as refused:
        raise _refusal(file, map(_written, refused.problems)) from refused
    reader = _Reader(usual)
    rule, cases = reader.file(written.data)
    known = RuleFile(rule, tuple(cases), written.places)
    problems = [*map(_written, written.problems), *map(known.problem, reader.problems)]
    if problems:
        raise _refusal(file, problems)
    return known


class _Reader:
    def __init__(self, usual: Usual) -> None:
        self.usual = usual
        self.problems: list[RuleProblem] = []

    def file(self, data: Any) -> tuple[PlacedRule | None, list[Case]]:
        if isinstance(data, list):
            return None, self._cases(data, "", None, self.usual)
        if not isinstance(data, dict) or "rule" not in data:
            return self._placed(data, "", self.usual), []
        self._only(data, _FILE_KEYS, "")
        usual = self._usual(data, "", self.usual)
        rule = (
            self._placed({key: data[key] for key in ("dialect", "rule")}, "", usual)
            if "dialect" in data
            else self._placed(data["rule"], "/rule", usual)
        )
        return rule, self._cases(data.get("cases", []), "/cases", rule, usual)

    def _placed(self, document: Any, pointer: str, usual: Usual) -> PlacedRule:
        asked = AskedRule(document, usual.subject, usual.event_rule, usual.origin, usual.zone)
        return PlacedRule(asked, pointer)

    def _cases(self, given: Any, pointer: str, rule: PlacedRule | None, usual: Usual) -> list[Case]:
        if not isinstance(given, list):
            self._wrong(pointer, "Cases are a list of mappings with facts and holds.")
            return []
        found = [
            self._case(one, step_into(pointer, index), rule, usual)
            for index, one in enumerate(given)
        ]
        return [case for case in found if case is not None]

    def _case(self, given: Any, pointer: str, rule: PlacedRule | None, usual: Usual) -> Case | None:
        if not isinstance(given, dict):
            self._wrong(pointer, "A case is a mapping with facts and holds.")
            return None
        self._only(given, _CASE_KEYS, pointer)
        usual = self._usual(given, pointer, usual)
        if "rule" in given:
            rule = self._placed(given["rule"], f"{pointer}/rule", usual)
        if rule is None:
            self._wrong(pointer, '"rule" is missing, and the file has none for all cases.')
        if not isinstance(given.get("holds"), bool):
            self._wrong(pointer, 'Say whether the rule holds: "holds: true" or "holds: false".')
        if rule is None or not isinstance(given.get("holds"), bool):
            return None
        name = str(given.get("name") or f"case {pointer.rpartition('/')[2]}")
        facts = given.get("facts", {})
        return Case(name, rule, facts, given["holds"], usual.now, usual.zone, pointer)

    def _usual(self, given: Mapping[str, Any], pointer: str, usual: Usual) -> Usual:
        """What this part of the file says for itself and what it holds."""
        subject = given.get("subject", usual.subject)
        if subject not in _SUBJECTS:
            message = f"A rule is about a {', '.join(_SUBJECTS)}, not {shown(subject)}."
            self._wrong(f"{pointer}/subject", message)
            subject = usual.subject
        event = given.get("event", usual.event_rule)
        if not isinstance(event, bool):
            self._wrong(f"{pointer}/event", '"event" is true when an event is at hand, or false.')
            event = usual.event_rule
        zone = given.get("zone", usual.zone)
        if not isinstance(zone, str) or not is_zone(zone):
            self._wrong(f"{pointer}/zone", f"{shown(zone)} is no time zone such as Asia/Singapore.")
            zone = usual.zone
        now = self._now(given, pointer, usual)
        return Usual(now, zone, cast(Subject, subject), event, usual.origin)

    def _now(self, given: Mapping[str, Any], pointer: str, usual: Usual) -> datetime:
        if "now" not in given:
            return usual.now
        try:
            return instant(given["now"]).astimezone(UTC)
        except ValueRefused as refusal:
            self._wrong(f"{pointer}/now", refusal.message)
            return usual.now

    def _only(self, given: Mapping[str, Any], keys: tuple[str, ...], pointer: str) -> None:
        for key in given:
            if key not in keys:
                message = f"Nobody reads {shown(key)} here; possible are {', '.join(keys)}."
                self._wrong(step_into(pointer, key), message)

    def _wrong(self, pointer: str, message: str) -> None:
        self.problems.append(RuleProblem(pointer, "not_a_rule", message))


def _written(problem: Any) -> Problem:
    return Problem(problem.place, problem.code.value, problem.message)


def _refusal(file: str, problems: Iterable[Problem]) -> RuleFileRefused:
    return RuleFileRefused(f'"{file}" is no rule file.', problems)
