"""The tabs of the room about people: everybody, the line, teams, absences, handovers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from nicegui import ui

from designer.access.invite_form import invite_button
from designer.access.words import role_name
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n import N_
from designer.people.absence_form import absence_button
from designer.people.absence_line import absence_line
from designer.people.absence_strip import absence_strip
from designer.people.addresses import calendar_at, person_at, team_at
from designer.people.handover_words import HANDOVER_STATES, summary
from designer.people.names import name_of
from designer.people.reporting_tree import Branch, branches
from designer.people.team_form import team_button
from designer.problem_words import placed_words
from designer.runtime import Designer
from designer.terms import ROLES, term, toned
from designer.visitor import Visitor
from designer.widgets import anchor, block, button_link, card, chip, empty_state, notice, words
from engine.people import Directory
from engine.services.actor import may
from engine.services.handover import recent_handovers
from engine.services.organisation.absences import list_absences
from engine.services.organisation.profiles import (
    Colleague,
    list_people,
    organisation_findings,
)
from engine.services.organisation.teams import list_teams
from engine.services.people_shelf import PeopleShelf
from engine.services.roles.keeping import list_roles

MOST_SHOWN: Final = 300
_MOST_FINDINGS: Final = 10
LINE: Final = "line"
TEAMS: Final = "teams"
AWAY: Final = "absences"
HANDOVERS: Final = "handovers"
TABS: Final[tuple[tuple[str | None, str], ...]] = (
    (None, N_("Everybody")),
    (LINE, N_("Who reports to whom")),
    (TEAMS, N_("Teams")),
    (AWAY, N_("Absences")),
    (HANDOVERS, N_("Handovers")),
)


async def everybody(designer: Designer, visitor: Visitor) -> None:
    t, now = visitor.t, designer.now()
    async with designer.transaction() as session:
        found = await list_people(session, visitor.somebody, now)
        problems = await organisation_findings(session, visitor.somebody)
        directory = await PeopleShelf().directory(session)
        manages = may(visitor.somebody, "manage", "user")
        known = await list_roles(session, visitor.somebody) if manages else []
    for one in problems[:_MOST_FINDINGS]:
        notice(placed_words("form", one, t), "warn", "warning")
    if manages:
        with block("cz-row"):
            names = {one.key: role_name(one.key, one.label, t) for one in known}
            invite_button(designer, visitor, names)
            button_link("/roles", t("Roles"), "admin_panel_settings")
    rows = [_row(one, directory, visitor) for one in found]
    texts = [_searched(one) for one in found]

    def search(event: Any) -> None:
        wanted = str(event.value or "").casefold().split()
        fitting = [row for row, text in zip(rows, texts, strict=True) if _fits(text, wanted)]
        table.show_if_changed(fitting[:MOST_SHOWN])
        count.set_text(_counted(len(fitting), visitor))

    with block("cz-row"):
        box = ui.input(placeholder=t("Name, team, role, skill or country"), on_change=search)
        box.props("outlined dense clearable debounce=250").classes("cz-field cz-search")
        box.props["aria-label"] = t("Search people")
        box.mark("search-people")
        count = words(_counted(len(rows), visitor), "cz-soft cz-small")
    columns = [
        Column(t("Name")),
        Column(t("Role")),
        Column(t("Team")),
        Column(t("Reports to")),
        Column(t("Skills and territories"), wraps=True),
        Column(t("State"), wraps=True),
    ]
    with block("cz-card"):
        table = DataTable(t("Everybody"), columns, rows[:MOST_SHOWN])


def _counted(count: int, visitor: Visitor) -> str:
    t = visitor.t
    if count > MOST_SHOWN:
        return t("{count} people; the first {shown} are shown.", count=count, shown=MOST_SHOWN)
    return t.n("{count} person", "{count} people", count)


def _searched(one: Colleague) -> str:
    person = one.person
    parts = (person.name, one.email or "", person.role, person.team or "")
    return " ".join([*parts, *person.skills, *person.territories]).casefold()


def _fits(text: str, wanted: Sequence[str]) -> bool:
    return all(part in text for part in wanted)


def _row(one: Colleague, people: Directory, visitor: Visitor) -> Row:
    t, person = visitor.t, one.person
    here = person_at(person.id)
    state, tone = t("There"), "good"
    sub = ""
    if not person.active:
        state, tone = t("Has left"), "plain"
    elif one.absent_until is not None:
        state, tone = t("Away"), "warn"
        deputy = name_of(people, one.acting_id) or t("nobody")
        sub = t("until {day}, deputy: {who}", day=_last_day(one, visitor), who=deputy)
    words_ = ", ".join(sorted(person.skills | person.territories))
    return Row(
        (
            Cell(person.name, here, sub=one.email or ""),
            Cell(term(ROLES, person.role, t)),
            Cell(person.team or "", team_at(person.team) if person.team else None),
            Cell(name_of(people, person.manager_id)),
            Cell(words_),
            Cell(state, tone=tone, sub=sub),  # type: ignore[arg-type]  # one of the tones above
        ),
        here,
    )


def _last_day(one: Colleague, visitor: Visitor) -> str:
    assert one.absent_until is not None
    return visitor.formats.date_of(one.absent_until - timedelta(seconds=1))


async def reporting_line(designer: Designer, visitor: Visitor) -> None:
    t, now = visitor.t, designer.now()
    async with designer.transaction() as session:
        problems = await organisation_findings(session, visitor.somebody)
        people = await PeopleShelf().directory(session)
    for one in problems[:_MOST_FINDINGS]:
        if "manager" in one.code:
            notice(placed_words("form", one, t), "warn", "warning")
    with block("cz-card ppl-tree").mark("tree"):
        tops = branches(people.people)
        if not tops:
            text = t("People stand here with whom they lead.")
            empty_state("account_tree", t("Nobody yet"), text)
        _branches(tops, people, visitor, now)
    text = t("Approvals and escalations go up this line. A person's page says whom they report to.")
    words(text, "cz-soft cz-small")


def _branches(found: Sequence[Branch], people: Directory, visitor: Visitor, now: Any) -> None:
    t = visitor.t
    with block("ppl-branch", tag="ul"):
        for one in found:
            with block(tag="li"), block("ppl-node"):
                anchor(person_at(one.person.id), one.person.name, "cz-strong")
                words(term(ROLES, one.person.role, t), "cz-soft cz-small")
                if one.person.team:
                    words(one.person.team, "cz-soft cz-small")
                if people.is_absent(one.person.id, now):
                    chip(t("Away"), "warn")
                if one.below:
                    words(t.n("leads {count}", "leads {count}", one.count), "cz-soft cz-small")
            if one.below:
                with block(tag="li"):
                    _branches(one.below, people, visitor, now)


async def teams(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t
    async with designer.transaction() as session:
        found = await list_teams(session, visitor.somebody)
        people = await PeopleShelf().directory(session)
    with block("cz-row"):
        await team_button(designer, visitor, people)
    with block("cz-card"):
        if not found:
            text = t("A team has a head, and hours of its own. Rules give work to teams.")
            empty_state("groups", t("No team yet"), text)
            return
        columns = [
            Column(t("Team")),
            Column(t("Head")),
            Column(t("People"), "right"),
            Column(t("Calendar")),
        ]
        rows = [
            Row(
                (
                    Cell(one.name, team_at(one.name)),
                    Cell(one.head or t("Nobody")),
                    Cell(str(one.members)),
                    Cell(
                        one.calendar or t("The default calendar"),
                        calendar_at(one.calendar) if one.calendar else None,
                    ),
                ),
                team_at(one.name),
            )
            for one in found
        ]
        DataTable(t("Teams"), columns, rows)


async def absences(designer: Designer, visitor: Visitor) -> None:
    t, now = visitor.t, designer.now()
    async with designer.transaction() as session:
        found = await list_absences(session, visitor.somebody, since=now)
        people = await PeopleShelf().directory(session)
    found = sorted(found, key=lambda one: (one.starts_at, one.name))
    with block("cz-row"):
        absence_button(designer, visitor, people)
    if not found:
        with block("cz-card"):
            text = t("Who is away, with the deputy who decides and takes over meanwhile.")
            empty_state("beach_access", t("Everybody is there"), text)
        return
    with card(t("The coming weeks")):
        absence_strip(found, visitor, now)
    with block("cz-card"):
        for one in found:
            absence_line(designer, visitor, one)


async def handovers(designer: Designer, visitor: Visitor) -> None:
    t = visitor.t
    async with designer.transaction() as session:
        found = await recent_handovers(session, visitor.somebody, limit=50)
        people = await PeopleShelf().directory(session)
    with block("cz-card"):
        if not found:
            text = t("When somebody leaves or is away, their page gives their work to others.")
            empty_state("move_down", t("Nothing was handed over"), text)
            return
        columns = [
            Column(t("From")),
            Column(t("State")),
            Column(t("What"), wraps=True),
            Column(t("Goes back")),
            Column(t("Begun")),
        ]
        rows = []
        for one in found:
            state, tone = toned(HANDOVER_STATES, one.state, t)
            here = f"{person_at(one.from_id)}#handover"
            back = visitor.formats.date_of(one.return_at) if one.return_at else ""
            rows.append(
                Row(
                    (
                        Cell(name_of(people, one.from_id), here, sub=one.note or ""),
                        Cell(state, tone=tone),
                        Cell(summary(one, t)),
                        Cell(back),
                        Cell(visitor.formats.moment(one.created_at)),
                    ),
                    here,
                )
            )
        DataTable(t("Handovers"), columns, rows)
