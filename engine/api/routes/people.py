"""`/api/people` and `/api/teams`: who works here, with whom, and who acts for them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.places import item_of
from engine.api.shapes import people as shapes
from engine.api.shapes.common import ProblemItem
from engine.services.organisation import teams
from engine.services.organisation.profiles import Colleague, list_people, organisation_findings

Number = Annotated[int, Path(ge=1, le=2**53)]
_MADE: Final[dict[int | str, dict[str, Any]]] = {
    201: {"model": shapes.TeamShown, "description": "Made"}
}


def people_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["people"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("/people", operation_id="list_people", responses=refusals())
    async def people(
        caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.PeoplePage:
        """Everybody by number, those who have left too, and who acts for them now."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await list_people(session, caller.actor, parts.now())
        rest = sorted((one for one in found if one.person.id > after), key=lambda o: o.person.id)
        return shapes.PeoplePage(
            items=[_person(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].person.id) if len(rest) > limit else None,
        )

    @router.get("/people/findings", operation_id="list_people_findings", responses=refusals())
    async def findings(caller: Calling) -> shapes.Findings:
        """What approvals and escalations would stumble over: lines of managers that go round in a
        circle, managers and heads who have left, teams in which nobody is."""
        async with parts.store.transaction() as session:
            found = await organisation_findings(session, caller.actor)
        return shapes.Findings(problems=[ProblemItem.model_validate(item_of(one)) for one in found])

    @router.get("/teams", operation_id="list_teams", responses=refusals())
    async def list_teams(caller: Calling) -> shapes.TeamList:
        """All teams by name."""
        async with parts.store.transaction() as session:
            found = await teams.list_teams(session, caller.actor)
        return shapes.TeamList(items=[shapes.TeamShown.model_validate(one) for one in found])

    @router.post(
        "/teams", operation_id="add_team", status_code=201, responses=refusals(409) | _MADE
    )
    async def add_team(given: shapes.TeamGiven, caller: Calling) -> shapes.TeamShown:
        """Make a team."""
        async with parts.store.transaction() as session:
            await teams.add_team(session, caller.actor, _given(given))
            made = await teams.team_called(session, caller.actor, given.name.strip())
        return shapes.TeamShown.model_validate(made)

    @router.put("/teams/{team_id}", operation_id="put_team", responses=refusals(404, 409))
    async def put_team(
        team_id: Number, given: shapes.TeamGiven, caller: Calling
    ) -> shapes.TeamShown:
        """Replace name, head and calendar. Flows and rules that name the old name find nobody."""
        async with parts.store.transaction() as session:
            await teams.change_team(session, caller.actor, team_id, _given(given), parts.now())
            made = await teams.team_called(session, caller.actor, given.name.strip())
        parts.pokes.clocks()
        return shapes.TeamShown.model_validate(made)

    @router.delete(
        "/teams/{team_id}",
        operation_id="delete_team",
        status_code=204,
        responses=refusals(404, 409),
    )
    async def delete_team(team_id: Number, caller: Calling) -> None:
        """Remove a team in which nobody active is."""
        async with parts.store.transaction() as session:
            await teams.remove_team(session, caller.actor, team_id, parts.now())
        parts.pokes.clocks()

    @router.post(
        "/teams/{team_id}/members",
        operation_id="add_team_members",
        status_code=204,
        responses=refusals(404),
    )
    async def add_members(team_id: Number, given: shapes.MembersGiven, caller: Calling) -> None:
        """Put people into the team, and out of the one they were in."""
        async with parts.store.transaction() as session:
            await teams.put_members(session, caller.actor, team_id, given.user_ids, parts.now())
        parts.pokes.clocks()

    return router


def _given(given: shapes.TeamGiven) -> teams.TeamGiven:
    return teams.TeamGiven(given.name, given.head_id, given.calendar)


def _person(one: Colleague) -> shapes.PersonShown:
    person = one.person
    return shapes.PersonShown(
        id=person.id,
        name=person.name,
        email=one.email,
        role=person.role,
        team=person.team,
        manager_id=person.manager_id,
        active=person.active,
        language=person.language,
        zone=person.zone,
        calendar=person.calendar,
        skills=sorted(person.skills),
        territories=sorted(person.territories),
        absent_until=one.absent_until,
        acting_id=one.acting_id,
    )
