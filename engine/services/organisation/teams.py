"""Teams: making, naming, leading and filling them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import organisation as rows
from crm_store.base import folded
from crm_store.calendars import calendar_named
from crm_store.models import Team, User
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.looking_again import owners_changed, people_changed
from engine.services.roles.acting import refuse_wider_sight

LONGEST_NAME: Final = 100
MOST_MOVED: Final = 500


@dataclass(frozen=True, slots=True)
class TeamGiven:
    """`head_id` leads the team and need not be in it; `calendar` names the hours of its people."""

    name: str
    head_id: int | None = None
    calendar: str | None = None


async def list_teams(session: AsyncSession, actor: Actor) -> list[rows.TeamLine]:
    allowed(actor, "read", "team")
    return await rows.team_lines(session)


async def team_called(session: AsyncSession, actor: Actor, name: str) -> rows.TeamLine:
    """Raises NotFound."""
    for line in await list_teams(session, actor):
        if line.name == name:
            return line
    raise NotFound(f'There is no team "{name[:LONGEST_NAME]}".')


async def add_team(session: AsyncSession, actor: Actor, given: TeamGiven) -> int:
    """Raises Refused, and Conflict for a name that another team has."""
    allowed(actor, "edit", "team")
    await _check(session, given)
    await rows.lock_teams(session)
    await _free_name(session, given.name)
    team = Team(name=given.name.strip(), head_id=given.head_id, calendar=given.calendar)
    session.add(team)
    await session.flush()
    await refuse_wider_sight(session, actor, "The team was not saved.")
    await audit.record(session, actor, "create", "team", team.id, after=_said(team))
    return team.id


async def change_team(
    session: AsyncSession,
    actor: Actor,
    team_id: int,
    given: TeamGiven,
    now: datetime | None = None,
) -> None:
    """Give it this name, head and calendar. Flows and rules name teams: those that name the old one
    find nobody, so rename with care. `pokes.clocks` after the commit. Raises NotFound, Refused and
    Conflict."""
    allowed(actor, "edit", "team")
    await _check(session, given)
    await rows.lock_teams(session)
    team = await _team(session, team_id)
    await _free_name(session, given.name, but=team_id)
    before, calendar = _said(team), team.calendar
    team.name, team.head_id, team.calendar = given.name.strip(), given.head_id, given.calendar
    await session.flush()
    await refuse_wider_sight(session, actor, "The team was not saved.")
    if _said(team) != before:
        await audit.record(session, actor, "edit", "team", team_id, before, _said(team))
        await people_changed(session, now)
    if team.calendar != calendar:
        await owners_changed(session, now, await rows.members_of(session, team_id))


async def remove_team(
    session: AsyncSession, actor: Actor, team_id: int, now: datetime | None = None
) -> None:
    """`pokes.clocks` after the commit. Raises NotFound, and Conflict while somebody active is in
    it."""
    allowed(actor, "edit", "team")
    team = await _team(session, team_id)
    members = await rows.users_by_id(session, await rows.members_of(session, team_id))
    active = sorted(user.name for user in members.values() if user.active)
    if active:
        names = ", ".join(active[:5]) + (" and others" if len(active) > 5 else "")
        raise Conflict(f'{names} are in the team "{team.name}". Move them to another one first.')
    await audit.record(session, actor, "delete", "team", team_id, before=_said(team))
    await session.delete(team)
    await session.flush()
    await owners_changed(session, now, members)


async def put_members(
    session: AsyncSession,
    actor: Actor,
    team_id: int | None,
    user_ids: Collection[int],
    now: datetime | None = None,
) -> None:
    """Put people into a team and out of the one they were in; None: into none. `pokes.clocks` after
    the commit. Raises NotFound and Refused with everybody who is not there."""
    allowed(actor, "edit", "team")
    if len(user_ids) > MOST_MOVED:
        words = f"at most {MOST_MOVED} people at once."
        raise Refused("Nobody was moved.", [Problem("/user_ids", "too_many", words)])
    if team_id is not None:
        await _team(session, team_id)
    known = await rows.users_by_id(session, user_ids)
    missing = [
        Problem("/user_ids", "unknown_person", f"there is no user {one}.")
        for one in sorted(set(user_ids) - known.keys())
    ]
    if missing:
        raise Refused("Nobody was moved.", missing)
    moved = {one: user.team_id for one, user in sorted(known.items()) if user.team_id != team_id}
    if not moved:
        return
    await rows.put_in_team(session, team_id, moved)
    await refuse_wider_sight(session, actor, "Nobody was moved.")
    for user_id, was in moved.items():
        await audit.record(
            session, actor, "edit", "user", user_id, {"team_id": was}, {"team_id": team_id}
        )
    await people_changed(session, now, moved)
    await owners_changed(session, now, moved)


async def _check(session: AsyncSession, given: TeamGiven) -> None:
    problems = []
    name = given.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        words = f"write a name of 1 to {LONGEST_NAME} characters on one line."
        problems.append(Problem("/name", "bad_name", words))
    if given.head_id is not None:
        problems += await person_problems(session, "/head_id", given.head_id)
    if given.calendar is not None and await calendar_named(session, given.calendar) is None:
        words = f'there is no calendar "{given.calendar[:63]}".'
        problems.append(Problem("/calendar", "unknown_calendar", words))
    if problems:
        raise Refused("The team was not saved.", problems)


async def person_problems(session: AsyncSession, place: str, user_id: int) -> list[Problem]:
    """What speaks against giving this person something to do."""
    user: User | None = (await rows.users_by_id(session, [user_id])).get(user_id)
    if user is None:
        return [Problem(place, "unknown_person", f"there is no user {user_id}.")]
    if not user.active:
        return [Problem(place, "left", f"{user.name} has left.")]
    return []


async def _free_name(session: AsyncSession, name: str, *, but: int | None = None) -> None:
    for line in await rows.team_lines(session):
        if line.id != but and folded(line.name) == folded(name):
            raise Conflict(f'There is a team "{line.name}" already.')


async def _team(session: AsyncSession, team_id: int) -> Team:
    team = await rows.team_by_id(session, team_id, lock=True)
    if team is None:
        raise NotFound(f"There is no team {team_id}.")
    return team


def _said(team: Team) -> dict[str, object]:
    return {"name": team.name, "head_id": team.head_id, "calendar": team.calendar}
