"""What is wrong with a chain as the company is now: nobody to ask, no time to count."""

from __future__ import annotations

from collections.abc import Iterator

from engine.approvals.approvers import OWNER_FIELD, Approver
from engine.approvals.model import ALL_HOURS, Chain, Level
from engine.definitions import World
from engine.errors import Problem
from engine.flows.problems import did_you_mean
from engine.people import ROLES, Directory
from engine.rules import RuleRefused, parse
from engine.steps.working import DEFAULT_CALENDAR
from engine.working_time import CLOSED

_RECORDS = ("deal", "contact", "account", "ticket")


def check_chain(chain: Chain, world: World) -> list[Problem]:
    """Everything found, with JSON pointers for places."""
    found = [*_calendar(chain, world)]
    for index, level in enumerate(chain.levels):
        place = f"/levels/{index}"
        for at, approver in enumerate(level.approvers):
            found += _approver(approver, f"{place}/approvers/{at}", chain, world)
        found += _quorum(level, place, world)
        if world.directory is not None:
            found += _circles(level, place, world.directory)
    return found


def _calendar(chain: Chain, world: World) -> Iterator[Problem]:
    name = chain.calendar
    if name == ALL_HOURS or world.calendars is None:
        return
    if name != DEFAULT_CALENDAR and not world.has_calendar(name):
        message = f'there is no calendar "{name}"; {did_you_mean(name, world.calendars)}'
        yield Problem("/calendar", "unknown_calendar", message)
        return
    calendar = world.calendars.get(name)
    if calendar is not None and all(hours == CLOSED for hours in calendar.week):
        which = f'the calendar "{name}"' if name else "the default calendar"
        message = f"{which} has no working hour, so no reminder or timeout would ever come."
        yield Problem("/calendar", "no_working_time", message)


def _approver(approver: Approver, place: str, chain: Chain, world: World) -> Iterator[Problem]:
    for key in ("user", "deputy"):
        email = getattr(approver, key)
        if email is not None and not world.has_person(email):
            message = f'nobody who is active has the address "{email}".'
            yield Problem(f"{place}/{key}", "unknown_person", message)
    if approver.role is not None:
        yield from _role(approver.role, f"{place}/role", world)
    if approver.team is not None:
        yield from _team(approver.team, f"{place}/team", world)
    if approver.team_head not in (None, "requester", "owner"):
        yield from _head(approver.team_head or "", f"{place}/team_head", world)
    if approver.named_in is not None:
        yield from _field(approver.named_in, f"{place}/field", world)
    if approver.when is not None:
        yield from _rule(approver.when, f"{place}/when", chain, world)


def _role(role: str, place: str, world: World) -> Iterator[Problem]:
    if not world.has_role(role):
        message = f'there is no role "{role}"; {did_you_mean(role, ROLES)}'
        yield Problem(place, "unknown_role", message)
    elif world.directory is not None and not world.directory.with_role(role):
        yield Problem(place, "empty_role", f'nobody who is active has the role "{role}".')


def _team(team: str, place: str, world: World) -> Iterator[Problem]:
    if world.directory is None:
        return
    if team not in world.directory.teams:
        message = f'there is no team "{team}"; {did_you_mean(team, world.directory.teams)}'
        yield Problem(place, "unknown_team", message)
    elif not world.directory.members(team):
        yield Problem(place, "empty_team", f'the team "{team}" has nobody who is active.')


def _head(team: str, place: str, world: World) -> Iterator[Problem]:
    if world.directory is None:
        return
    if team not in world.directory.teams:
        known = ("requester", "owner", *world.directory.teams)
        message = f'there is no team "{team}"; {did_you_mean(team, known)}'
        yield Problem(place, "unknown_team", message)
    elif world.directory.head_of(team) is None:
        yield Problem(place, "no_team_head", f'the team "{team}" has no head; name one.')


def _field(name: str, place: str, world: World) -> Iterator[Problem]:
    if name == OWNER_FIELD:
        return
    record, _, key = name.partition(".")
    facts = world.catalogue.records.get(record, {}) if record in _RECORDS else {}  # type: ignore[call-overload]
    if key not in facts:
        known = ["owner", *(f"{kind}.owner_id" for kind in _RECORDS)]
        message = f'"{name}" is no field of a record; {did_you_mean(name, known)}'
        yield Problem(place, "unknown_field", message)


def _rule(rule: object, place: str, chain: Chain, world: World) -> Iterator[Problem]:
    try:
        parse(rule, world.catalogue, event_rule=False, subject=chain.rule_subject)
    except RuleRefused as refused:
        for problem in refused.problems:
            yield Problem(f"{place}{problem.pointer}", problem.code, problem.message)


def _quorum(level: Level, place: str, world: World) -> Iterator[Problem]:
    """Needed is more than there can be, where who is asked is known by now."""
    quorum = level.quorum
    if quorum.kind not in ("n_of", "weighted"):
        return
    most = _most(level, world, weighs=quorum.weighs)
    if most is not None and quorum.needed > most:
        word = "all approvers together weigh" if quorum.weighs else "the approvers are"
        message = f"{quorum.needed} must agree, and {word} at most {most}."
        yield Problem(f"{place}/quorum", "quorum_too_large", message)


def _most(level: Level, world: World, *, weighs: bool) -> int | None:
    """How many approvers, or how much weight, a level can have; None when that depends."""
    total, directory = 0, world.directory
    for approver in level.approvers:
        count = 1
        if approver.role is not None or approver.team is not None:
            if directory is None:
                return None
            count = len(
                directory.with_role(approver.role)
                if approver.role is not None
                else directory.members(approver.team or "")
            )
        total += count * (approver.weight if weighs else 1)
    return total


def _circles(level: Level, place: str, directory: Directory) -> Iterator[Problem]:
    """A line of managers that goes round has nobody at its top."""
    for at, approver in enumerate(level.approvers):
        if approver.manager_of is None:
            continue
        circle = next((found for one in directory.people if (found := _circle(one, directory))), ())
        if circle:
            names = ", ".join(directory.people[one].name for one in circle)
            message = (
                f"these people manage each other in a circle: {names}. Mend who reports to whom."
            )
            yield Problem(f"{place}/approvers/{at}/manager_of", "manager_circle", message)


def _circle(person: int, directory: Directory) -> tuple[int, ...]:
    """Those of the circle that this person is in, themselves first; nobody when there is none."""
    line, here = [person], directory.people[person].manager_id
    while here is not None and here in directory.people and here not in line:
        line.append(here)
        here = directory.people[here].manager_id
    return tuple(line) if here == person else ()
