"""One team: its head, its hours, and who is in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from designer.asking import asking_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.page import page
from designer.people.addresses import PEOPLE, calendar_at, person_at
from designer.people.listing import TEAMS
from designer.people.team_form import calendar_choices, change_button, members_button
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import ROLES, term
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, card, empty_state, facts, notice, words
from engine.people import Directory
from engine.services.actor import may
from engine.services.organisation.teams import (
    TeamGiven,
    put_members,
    remove_team,
    team_called,
)
from engine.services.people_shelf import PeopleShelf


def register(designer: Designer) -> None:
    @page("/teams/{name}")
    async def team(name: str) -> None:
        visitor, t = current(), current().t
        async with designer.transaction() as session:
            line = await team_called(session, visitor.somebody, name)
            people = await PeopleShelf().directory(session)
        calendars = await calendar_choices(designer, visitor)
        may_edit = may(visitor.somebody, "edit", "team")
        given = TeamGiven(line.name, line.head_id, line.calendar)
        trail = [(f"{PEOPLE}?tab={TEAMS}", t("Teams"))]
        with frame(PEOPLE, line.name, trail=trail, styles=("people.css",)) as actions:
            if may_edit:
                with actions:
                    members_button(designer, visitor, people, line.id, line.name)
                    change_button(designer, visitor, people, calendars, line.id, given)
                    _remove(designer, visitor, line.id, len(people.members(line.name)))
            with block("cz-contact"):
                with block("cz-stack"):
                    _about(given, people, visitor, calendars)
                with block("cz-stack"):
                    _members(designer, visitor, people, line.name, may_edit=may_edit)


def _about(
    given: TeamGiven, people: Directory, visitor: Visitor, calendars: dict[str, str]
) -> None:
    t = visitor.t
    if given.head_id is not None and not people.is_active(given.head_id):
        notice(t("Its head has left. Name another one."), "warn")
    with card(t("About the team")):
        with block("cz-row cz-pad"):
            words(t("Head"), "cz-soft")
            head = people.people.get(given.head_id or 0)
            if head is None:
                words(t("Nobody"))
            else:
                anchor(person_at(head.id), head.name)
        facts([(t("Needs a head for"), t("Approvals and escalations that name the head."))])
        with block("cz-row cz-pad"):
            words(t("Works by"), "cz-soft")
            if given.calendar:
                label = calendars.get(given.calendar, given.calendar)
                anchor(calendar_at(given.calendar), label)
            else:
                words(t("The default calendar"))


def _members(
    designer: Designer, visitor: Visitor, people: Directory, name: str, *, may_edit: bool
) -> None:
    t, now = visitor.t, designer.now()
    members = sorted(
        (people.people[one] for one in people.members(name)),
        key=lambda one: one.name.casefold(),
    )
    with card(t("Members")):
        if not members:
            text = t("Work that is given to this team reaches nobody until somebody is in it.")
            empty_state("group_off", t("Nobody is in it"), text)
            return
        rows = [
            Row(
                (
                    Cell(one.name, person_at(one.id)),
                    Cell(term(ROLES, one.role, t)),
                    Cell(", ".join(sorted(one.skills | one.territories))),
                    Cell(
                        t("Away") if people.is_absent(one.id, now) else t("There"),
                        tone="warn" if people.is_absent(one.id, now) else "good",
                    ),
                ),
                person_at(one.id),
            )
            for one in members
        ]
        columns = [
            Column(t("Name")),
            Column(t("Role")),
            Column(t("Skills and territories"), wraps=True),
            Column(t("State")),
        ]
        DataTable(t("Members"), columns, rows)
        if may_edit:
            with block("cz-pad cz-row ppl-form"):
                known = {one.id: one.name for one in members}
                chosen = ui.select(known, label=t("Take out of the team")).mark("out-of-team")
                chosen.props("outlined dense").classes("cz-field cz-search")

                async def take_out() -> None:
                    if not chosen.value:
                        return
                    actor = await designer.actor(visitor.token)
                    async with designer.transaction() as session:
                        await put_members(session, actor, None, [int(chosen.value)], designer.now())
                    designer.runtime.pokes.clocks()
                    ui.navigate.reload()

                asking_button(
                    t,
                    "person_remove",
                    t("Take out"),
                    t("Take them out of the team?"),
                    t("They are in no team then; what they own stays theirs."),
                    take_out,
                )


def _remove(designer: Designer, visitor: Visitor, team_id: int, members: int) -> None:
    t = visitor.t
    asking_button(
        t,
        "delete",
        t("Remove the team"),
        t("Remove this team?"),
        t.n("{count} person is in it.", "{count} people are in it.", members)
        if members
        else t("Nobody is in it."),
        _removing(designer, visitor, team_id),
    )


def _removing(designer: Designer, visitor: Visitor, team_id: int) -> Callable[[], Awaitable[None]]:
    async def remove() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await remove_team(session, actor, team_id, designer.now())
        designer.runtime.pokes.clocks()
        ui.navigate.to(f"{PEOPLE}?tab={TEAMS}")

    return remove
