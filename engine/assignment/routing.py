"""From a record to the targets that its rules, or a row of a decision table, send it to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from engine.assignment.model import Assignment, AssignmentRule, By, Target, To, Wanted
from engine.errors import Problem, Refused
from engine.rules import Catalogue, Facts, Reads, Rule, RuleRefused, parse, union
from engine.rules.tables import CompiledTable
from engine.rules.text_folding import fold

# The outputs of a decision table that are understood; others are for other readers of the table.
TEAM, USER, TERRITORY, SKILL, WAY, CAPACITY = (
    *("team", "user", "territory", "skill", "by", "capacity_per_day"),
)
ALWAYS: Final = {"dialect": 1, "rule": True}
OUTPUTS: Final = (TEAM, USER, TERRITORY, SKILL, WAY, CAPACITY)


@dataclass(frozen=True, slots=True)
class Route:
    """`place` names the round that choices of this target take turns in."""

    place: str
    target: Target


class Routes(Protocol):
    """What a record may be asked of. `reads` is what must be loaded first; `counts_work` and
    `counts_days` say whether people's open work, and what they were given today, matter."""

    @property
    def reads(self) -> Reads: ...

    @property
    def counts_work(self) -> bool: ...

    @property
    def counts_days(self) -> bool: ...

    def of(self, facts: Facts, now: datetime, zone: str) -> Iterator[Route]:
        """The targets a record comes to, in the order in which they are to be tried."""
        ...


@dataclass(frozen=True, slots=True)
class RuleRoutes:
    """Rules in order, each with what it was parsed to."""

    rules: tuple[tuple[AssignmentRule, Rule], ...]

    @property
    def reads(self) -> Reads:
        said = (fact for rule, _ in self.rules for fact in facts_of(rule.target.to))
        return union(rule.reads for _, rule in self.rules) | Reads(
            frozenset(tuple(fact.split(".")) for fact in said)
        )

    @property
    def counts_work(self) -> bool:
        return any(rule.target.by is By.LEAST_OPEN for rule, _ in self.rules)

    @property
    def counts_days(self) -> bool:
        return any(rule.target.capacity_per_day is not None for rule, _ in self.rules)

    def of(self, facts: Facts, now: datetime, zone: str) -> Iterator[Route]:
        for rule, when in self.rules:
            if when.holds(facts, now, zone):
                yield Route(rule.name, rule.target)


@dataclass(frozen=True, slots=True)
class TableRoutes:
    """The rows of a table that hold; a row that names nobody is passed over."""

    table: CompiledTable
    defaults: Target

    @property
    def reads(self) -> Reads:
        said = facts_of(self.defaults.to)
        return self.table.reads | Reads(frozenset(tuple(fact.split(".")) for fact in said))

    @property
    def counts_work(self) -> bool:
        return self.defaults.by is By.LEAST_OPEN or self._says(WAY)

    @property
    def counts_days(self) -> bool:
        return self.defaults.capacity_per_day is not None or self._says(CAPACITY)

    def _says(self, output: str) -> bool:
        return any(output in answer for answer in self.table.answers)

    def of(self, facts: Facts, now: datetime, zone: str) -> Iterator[Route]:
        for hit in self.table.evaluate(facts, now, zone, explain=False).hits:
            target = target_of(hit.outputs, self.defaults)
            if target is not None:
                yield Route(f"row/{target.to.team or ''}/{'+'.join(target.to.users)}", target)


def routes_of(
    assignment: Assignment, catalogue: Catalogue, table: CompiledTable | None = None
) -> Routes:
    """Everything parsed against the facts there are. Raises Refused with every rule that cannot be
    followed any more."""
    if assignment.table is not None:
        if table is None:
            raise Refused(f'There is no decision table "{assignment.table}".')
        return TableRoutes(table, assignment.defaults or Target(To()))
    problems: list[Problem] = []
    found = parsed_rules(assignment, catalogue, problems)
    if problems:
        raise Refused("The assignment cannot be followed.", problems)
    return RuleRoutes(tuple(found))


def parsed_rules(
    assignment: Assignment, catalogue: Catalogue, problems: list[Problem]
) -> list[tuple[AssignmentRule, Rule]]:
    """Each rule with its condition; what is wrong is added to `problems` and left out."""
    found: list[tuple[AssignmentRule, Rule]] = []
    for at, rule in enumerate(assignment.rules):
        when = ALWAYS if rule.when is None else rule.when
        try:
            parsed = parse(when, catalogue, event_rule=False, subject=assignment.subject)
        except RuleRefused as refused:
            place = f"/rules/{at}/when"
            problems += [Problem(place + p.pointer, p.code, p.message) for p in refused.problems]
        else:
            found.append((rule, parsed))
    return found


def facts_of(to: To) -> list[str]:
    """The facts a target reads from the record."""
    return [one.fact for one in (to.territory, to.skill) if one is not None and one.fact]


def said_by(wanted: Wanted | None, facts: Facts) -> str | None:
    """The territory or skill meant for this record; an empty text where its fact is not there."""
    if wanted is None or wanted.fact is None:
        return None if wanted is None else wanted.name
    kind, _, name = wanted.fact.partition(".")
    record: Mapping[str, Any] = facts.get(kind) or {}
    value = _at(record, name)
    return value if isinstance(value, str) else ""


def _at(record: Mapping[str, Any], name: str) -> Any:
    if name in record:
        return record[name]
    head, dot, rest = name.partition(".")
    inner = record.get(head)
    return _at(inner, rest) if dot and isinstance(inner, Mapping) else None


def target_of(outputs: Mapping[str, Any], defaults: Target) -> Target | None:
    """What a row says, laid over the defaults; None where nobody is named by either."""
    team, user = outputs.get(TEAM), outputs.get(USER)
    named = team is not None or user is not None
    base = To() if named else defaults.to
    to = replace(
        base,
        team=team if named else base.team,
        users=(fold(user),) if user is not None else base.users,
        territory=_wanted(outputs.get(TERRITORY), defaults.to.territory),
        skill=_wanted(outputs.get(SKILL), defaults.to.skill),
    )
    if not to.names_somebody:
        return None
    way, capacity = outputs.get(WAY), outputs.get(CAPACITY)
    return replace(
        defaults,
        to=to,
        by=By(way) if way in {one.value for one in By} else defaults.by,
        capacity_per_day=int(capacity) if capacity is not None else defaults.capacity_per_day,
    )


def _wanted(said: Any, otherwise: Wanted | None) -> Wanted | None:
    return Wanted(name=said) if isinstance(said, str) else otherwise
