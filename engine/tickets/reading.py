"""From a document to a policy, with every mistake at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.flows.problems import SettingProblem, pointer_to, shown
from engine.flows.settings_problems import setting_problems
from engine.rules import RuleRefused, parse
from engine.tickets.policy import CLOCK_TIME, TicketPolicy


def read_policy(document: Any) -> tuple[TicketPolicy | None, list[Problem]]:
    """The policy in a document, None with problems of its form. Asks nothing of the world, so a
    stored version is read in any state of it."""
    if not isinstance(document, Mapping):
        words = f"a ticket policy is a mapping, not {shown(document)}."
        return None, [Problem("", "wrong_type", words)]
    try:
        return TicketPolicy.model_validate(dict(document)), []
    except ValidationError as error:
        return None, [_told(one) for one in setting_problems(TicketPolicy, error)]


def check_policy(policy: TicketPolicy, world: World) -> list[Problem]:
    """What is wrong with a policy that could be read, as the world is now."""
    return [*_named(policy, world), *_rules(policy, world), *_targets(policy)]


def _named(policy: TicketPolicy, world: World) -> Iterator[Problem]:
    calendar = policy.calendar
    if calendar not in (None, CLOCK_TIME) and not world.has_calendar(calendar or ""):
        yield Problem("/calendar", "unknown_calendar", f'there is no calendar "{calendar}".')
    if policy.team is not None and not world.has_team(policy.team):
        yield Problem("/team", "unknown_team", f'there is no team "{policy.team}".')
    rules = policy.assign
    if rules is not None and not world.has_definition(DefinitionKind.ASSIGNMENT, rules):
        yield Problem("/assign", "unknown_definition", f'there are no assignment rules "{rules}".')
    survey = policy.survey.escalate if policy.survey else None
    places = {
        "/on_breach/response": policy.on_breach.response,
        "/on_breach/resolution": policy.on_breach.resolution,
        "/survey/escalate": survey,
    }
    for place, name in places.items():
        if name is not None and not world.has_definition(DefinitionKind.ESCALATION, name):
            words = f'there is no escalation policy "{name}"; publish it first.'
            yield Problem(place, "unknown_definition", words)


def _rules(policy: TicketPolicy, world: World) -> Iterator[Problem]:
    for index, rule in enumerate(policy.priorities):
        try:
            parse(rule.when, world.catalogue, event_rule=False, subject="ticket")
        except RuleRefused as wrong:
            for one in wrong.problems:
                place = f"/priorities/{index}/when{one.pointer}"
                yield Problem(place, one.code, one.message)


def _targets(policy: TicketPolicy) -> Iterator[Problem]:
    for clock in ("response", "resolution"):
        promised = any(getattr(one, clock) for one in policy.targets.values())
        if getattr(policy.on_breach, clock) is not None and not promised:
            words = f'no target promises a "{clock}", so this never happens; add one.'
            yield Problem(f"/on_breach/{clock}", "never", words)


def _told(problem: SettingProblem) -> Problem:
    # pydantic's word for "the key itself"
    path = tuple(part for part in problem.path if part != "[key]")
    return Problem(pointer_to(path), problem.code.value, problem.message)
