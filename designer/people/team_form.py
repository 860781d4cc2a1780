"""Making, naming, leading and filling a team."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.people.addresses import team_at
from designer.people.deeds import Form, done
from designer.people.names import choices
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words
from engine.people import Directory
from engine.services.actor import Actor, may
from engine.services.calendars.editing import list_calendars
from engine.services.organisation.teams import (
    LONGEST_NAME,
    TeamGiven,
    add_team,
    change_team,
    put_members,
)


async def calendar_choices(designer: Designer, visitor: Visitor) -> dict[str, str]:
    """By name; the empty one is whatever else decides."""
    async with designer.transaction() as session:
        found = await list_calendars(session, visitor.somebody)
    return {one.name: one.label for one in found}


class TeamFields:
    """Name, head and calendar."""

    def __init__(
        self, visitor: Visitor, people: Directory, calendars: dict[str, str], given: TeamGiven
    ) -> None:
        t = visitor.t
        self._name = ui.input(t("Team name"), value=given.name).mark("team-name")
        self._name.props(f"outlined dense maxlength={LONGEST_NAME}")
        heads = choices(people)
        head = given.head_id if given.head_id in heads else None
        self._head = ui.select(heads, label=t("Head"), value=head, with_input=True, clearable=True)
        self._head.mark("team-head").props("outlined dense")
        known = {"": t("The default calendar"), **calendars}
        chosen = given.calendar if given.calendar in known else ""
        self._calendar = ui.select(known, label=t("Calendar"), value=chosen)
        self._calendar.props("outlined dense")
        for field in (self._name, self._head, self._calendar):
            field.classes("cz-field full-width")

    def given(self) -> TeamGiven:
        head = int(self._head.value) if self._head.value else None
        return TeamGiven(str(self._name.value or ""), head, self._calendar.value or None)


async def team_button(designer: Designer, visitor: Visitor, people: Directory) -> None:
    """A new team."""
    t = visitor.t
    if not may(visitor.somebody, "edit", "team"):
        return
    calendars = await calendar_choices(designer, visitor)
    form = Form(visitor, t("New team"))
    with form:
        fields = TeamFields(visitor, people, calendars, TeamGiven(""))

    async def make(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            await add_team(session, actor, fields.given())

        return await done(designer, visitor, deed, problem)

    form.finish(t("Make it"), make, "team")
    form.opener(t("New team"), "group_add", "new-team", main=True)


def change_button(
    designer: Designer,
    visitor: Visitor,
    people: Directory,
    calendars: dict[str, str],
    team_id: int,
    given: TeamGiven,
) -> None:
    t = visitor.t
    text = t("Flows and rules name teams: those that name the old one find nobody.")
    form = Form(visitor, t("Change the team"), text)
    with form:
        fields = TeamFields(visitor, people, calendars, given)

    async def change(problem: Words) -> bool:
        new = fields.given()

        async def deed(session: Any, actor: Actor) -> None:
            await change_team(session, actor, team_id, new, designer.now())

        changed = await done(designer, visitor, deed, problem)
        if changed and new.name.strip() != given.name:
            ui.navigate.to(team_at(new.name.strip()))
            return False
        return changed

    form.finish(t("Save"), change, "change-team")
    form.opener(t("Change"), "edit", "edit-team")


def members_button(
    designer: Designer, visitor: Visitor, people: Directory, team_id: int, name: str
) -> None:
    """Bring people in; they leave the team they were in."""
    t = visitor.t
    members = people.members(name)
    text = t("Everybody is in one team: they leave their old one.")
    form = Form(visitor, t("Bring people in"), text)
    with form:
        chosen = ui.select(choices(people, but=members), label=t("Who joins"), multiple=True)
        chosen.props("outlined use-chips use-input input-debounce=0").mark("team-members")
        chosen.classes("cz-field full-width")

    async def put(problem: Words) -> bool:
        ids = [int(one) for one in chosen.value or ()]
        if not ids:
            problem.set_text(t("Choose somebody."))
            return False

        async def deed(session: Any, actor: Actor) -> None:
            await put_members(session, actor, team_id, ids, designer.now())

        return await done(designer, visitor, deed, problem)

    form.finish(t("Bring in"), put, "members")
    form.opener(t("Bring people in"), "person_add", "add-members", main=True)
