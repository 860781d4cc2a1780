"""What is wrong with a policy in this company: nobody to tell, no hour in which time passes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.escalations.policy import Policy
from engine.escalations.rotation import Rotation, find_person
from engine.escalations.targets import target_of
from engine.flows.problems import Code, did_you_mean, shown
from engine.people import Directory
from engine.working_time import NoWorkingTime, next_working_instant

# Any instant does: a calendar without hours has none for the ten years after each.
_SOME_TIME: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_CIRCLE: Final = "manager_circle"


def check_policy(policy: Policy, world: World) -> list[Problem]:
    return [
        *_calendars(policy, world),
        *_targets(policy, world),
        *_rotations(policy, world),
        *_managers(policy, world),
    ]


def _calendars(policy: Policy, world: World) -> Iterator[Problem]:
    places = {f"/levels/{index}/calendar": one for index, one in enumerate(policy.levels)}
    named = {place: level.calendar for place, level in places.items() if level.calendar is not None}
    for place, name in {"/calendar": policy.calendar, **named}.items():
        if not name or world.calendars is None:
            continue
        calendar = world.calendars.get(name)
        if calendar is None:
            meant = did_you_mean(name, sorted(filter(None, world.calendars)))
            message = f"there is no calendar {shown(name)}; {meant}"
            yield Problem(place, Code.UNKNOWN_CALENDAR.value, message)
            continue
        try:
            next_working_instant(_SOME_TIME, calendar, "UTC")
        except NoWorkingTime:
            message = f"in the calendar {shown(name)} nobody ever works, so no time would pass."
            yield Problem(place, "no_working_time", message)


def _targets(policy: Policy, world: World) -> Iterator[Problem]:
    for index, level in enumerate(policy.levels):
        for place, text in enumerate(level.to):
            said = _nobody(text, policy, world)
            if said is not None:
                yield Problem(f"/levels/{index}/to/{place}", Code.UNKNOWN_PERSON.value, said)


def _nobody(text: str, policy: Policy, world: World) -> str | None:
    """Why the target can never mean anybody."""
    target, directory = target_of(text), world.directory
    if target.kind == "on_duty":
        return _no_rotation(target.value, policy, world)
    if directory is None:
        return None
    name = shown(target.value)
    if target.kind == "role" and not directory.with_role(target.value):
        return f"nobody has the role {name}; give it to somebody, or name others."
    if target.kind in ("team", "team_head") and target.value:
        if target.value not in directory.teams:
            return f"there is no team {name}; {did_you_mean(target.value, directory.teams)}"
        if target.kind == "team" and not directory.members(target.value):
            return f"the team {name} has no members who are active."
        if target.kind == "team_head" and directory.head_of(target.value) is None:
            return f"the team {name} has no head; name one with `cadenza team`."
    return _no_person(target.value, directory) if target.kind == "user" else None


def _no_rotation(name: str, policy: Policy, world: World) -> str | None:
    other, slash, _ = name.partition("/")
    if slash:
        if world.has_definition(DefinitionKind.ESCALATION, other):
            return None
        return f"there is no escalation policy {shown(other)} with a rotation of this name."
    if name in policy.rotations:
        return None
    return f"there is no rotation {shown(name)}; {did_you_mean(name, policy.rotations)}"


def _no_person(who: str, directory: Directory) -> str | None:
    found = find_person(who, directory)
    if found is None:
        known = sorted(one.email for one in directory.people.values() if one.email and one.active)
        near = did_you_mean(who, known) if len(known) <= 20 else "look at `cadenza user list`."
        return f"nobody here is {shown(who)}; {near}"
    if not directory.is_active(found):
        return f"{shown(who)} is deactivated and is told nothing."
    return None


def _rotations(policy: Policy, world: World) -> Iterator[Problem]:
    for name, rotation in policy.rotations.items():
        place = f"/rotations/{name}"
        for index, override in enumerate(rotation.dated()):
            if override.ends_at <= override.starts_at:
                message = "ends before it begins; `until` comes after `from`."
                yield Problem(f"{place}/overrides/{index}", Code.BAD_VALUE.value, message)
        if world.directory is not None:
            yield from _members(rotation, place, world.directory)


def _members(rotation: Rotation, place: str, directory: Directory) -> Iterator[Problem]:
    for index, member in enumerate(rotation.members):
        said = _no_person(member, directory)
        if said is not None:
            yield Problem(f"{place}/members/{index}", Code.UNKNOWN_PERSON.value, said)
    for index, override in enumerate(rotation.overrides):
        who = override.who
        said = _no_person(who, directory) if isinstance(who, str) else None
        if said is not None:
            yield Problem(f"{place}/overrides/{index}/who", Code.UNKNOWN_PERSON.value, said)


def _managers(policy: Policy, world: World) -> Iterator[Problem]:
    """A circle of managers would be gone round for ever, or end nowhere."""
    if world.directory is None:
        return
    for index, level in enumerate(policy.levels):
        for place, text in enumerate(level.to):
            if target_of(text).kind != "manager":
                continue
            circle = _circle(world.directory)
            if circle:
                names = ", ".join(circle)
                message = f"these people are each other's managers in a circle: {names}."
                yield Problem(f"/levels/{index}/to/{place}", _CIRCLE, message)
            return


def _circle(directory: Directory) -> list[str]:
    """The names of one circle, in its order; empty when there is none."""
    done: set[int] = set()
    for start in sorted(directory.people):
        path: list[int] = []
        at: int | None = start
        while at is not None and at not in done:
            if at in path:
                return [directory.people[one].name for one in path[path.index(at) :]]
            path.append(at)
            person = directory.people.get(at)
            at = person.manager_id if person else None
            at = at if at in directory.people else None
        done.update(path)
    return []
