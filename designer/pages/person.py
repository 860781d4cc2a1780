"""One colleague: who they are, where and when they work, absences, and handing their work over."""

from __future__ import annotations

from datetime import timedelta

from designer.access.person_access import access_card
from designer.access.words import ME_AT
from designer.notices_room import TAB as NOTICES
from designer.page import page
from designer.people.absence_form import absence_button
from designer.people.absence_line import absence_line
from designer.people.addresses import PEOPLE, calendar_at, person_at, team_at
from designer.people.handover_card import HandoverCard
from designer.people.names import name_of
from designer.people.profile_form import (
    language_button,
    manager_button,
    profile_button,
    team_of_button,
)
from designer.people.team_form import calendar_choices
from designer.runtime import Designer
from designer.shell import frame
from designer.terms import ROLES, term
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, button_link, card, chip, facts, notice, words
from engine.errors import NotFound
from engine.people import Directory
from engine.services.actor import may
from engine.services.handover import recent_handovers
from engine.services.organisation.absences import list_absences
from engine.services.organisation.profiles import Colleague, list_people
from engine.services.organisation.teams import list_teams
from engine.services.people_shelf import PeopleShelf

_NUMBER_DIGITS = 15
STYLES = ("people.css", "access.css")


def register(designer: Designer) -> None:
    @page(f"{PEOPLE}/{{user_id}}")
    async def person(user_id: str) -> None:
        if not user_id.isdecimal() or len(user_id) > _NUMBER_DIGITS:
            raise NotFound(f"There is no user {user_id[:60]}.")
        await _show(designer, current(), int(user_id))


async def _show(designer: Designer, visitor: Visitor, user_id: int) -> None:
    t, somebody, now = visitor.t, visitor.somebody, designer.now()
    async with designer.transaction() as session:
        everybody = await list_people(session, somebody, now)
        people = await PeopleShelf().directory(session)
        away = await list_absences(session, somebody, since=now, user_id=user_id)
        teams = {one.id: one.name for one in await list_teams(session, somebody)}
        handed = [
            one
            for one in await recent_handovers(session, somebody, limit=200)
            if one.from_id == user_id
        ]
    one = next((one for one in everybody if one.person.id == user_id), None)
    if one is None:
        raise NotFound(f"There is no user {user_id}.")
    calendars = await calendar_choices(designer, visitor)
    trail = [(PEOPLE, t("People and teams"))]
    with frame(PEOPLE, one.person.name, trail=trail, styles=STYLES), block("cz-stack"):
        _state(one, people, visitor)
        with block("cz-contact"):
            with block("cz-stack"):
                _about(designer, one, people, visitor, calendars, teams)
                await access_card(designer, visitor, user_id)
                _line(designer, one, people, visitor)
            with block("cz-stack"):
                with card(t("Absences")):
                    for absence in away:
                        absence_line(designer, visitor, absence, named=False)
                    if not away:
                        words(t("None are entered."), "cz-soft cz-pad", tag="p")
                    with block("cz-row cz-pad"):
                        absence_button(designer, visitor, people, user_id)
                if handed or user_id == somebody.id or may(somebody, "edit", "team"):
                    HandoverCard(designer, visitor, one.person, people, handed)


def _state(one: Colleague, people: Directory, visitor: Visitor) -> None:
    t = visitor.t
    if not one.person.active:
        notice(t("Has left. What they own stays theirs until it is handed over."), "warn")
    elif one.absent_until is not None:
        day = visitor.formats.date_of(one.absent_until - timedelta(seconds=1))
        deputy = name_of(people, one.acting_id)
        if deputy:
            notice(t("Away until {day}. {who} acts for them.", day=day, who=deputy), "warn")
        else:
            notice(t("Away until {day}, and nobody stands in.", day=day), "bad")


def _about(
    designer: Designer,
    one: Colleague,
    people: Directory,
    visitor: Visitor,
    calendars: dict[str, str],
    teams: dict[int, str],
) -> None:
    t, person = visitor.t, one.person
    own = visitor.somebody.id == person.id
    name = people.calendar_of(person.id)
    company = designer.runtime.shared.default_zone
    with card(t("About them")):
        with block("cz-row cz-pad"):
            chip(term(ROLES, person.role, t), "accent")
            if person.team:
                anchor(team_at(person.team), person.team, "cz-chip")
        facts(
            [
                (t("E-mail"), one.email or ""),
                (t("Time zone"), person.zone or t("{zone} (the company's)", zone=company)),
                (t("Language"), {"zh": "简体中文"}.get(person.language, "English")),
                (t("Skills"), ", ".join(sorted(person.skills))),
                (t("Territories"), ", ".join(sorted(person.territories))),
            ]
        )
        with block("cz-row cz-pad"):
            words(t("Works by"), "cz-soft")
            if name:
                anchor(calendar_at(name), calendars.get(name, name))
            else:
                words(t("The default calendar"))
        with block("cz-row cz-pad"):
            if may(visitor.somebody, "edit", "team"):
                profile_button(designer, visitor, person, calendars)
                team_of_button(designer, visitor, person, teams)
            if own:
                language_button(designer, visitor, person)
                button_link(f"/inbox?tab={NOTICES}", t("How I am told"), "notifications")
                button_link(ME_AT, t("My sign-in"), "lock_person")


def _line(designer: Designer, one: Colleague, people: Directory, visitor: Visitor) -> None:
    """Up to the top, and those who report to them."""
    t, person = visitor.t, one.person
    above: list[int] = []
    while (manager := people.manager_of(person.id, len(above) + 1)) is not None:
        above.append(manager)
    below = sorted(
        (o for o in people.people.values() if o.manager_id == person.id and o.active),
        key=lambda o: o.name.casefold(),
    )
    with card(t("Who reports to whom")), block("cz-pad cz-stack cz-tight"):
        for depth, manager in enumerate(reversed(above)):
            with block("ppl-step").style(f"margin-left: {min(depth, 6) * 16}px"):
                anchor(person_at(manager), name_of(people, manager))
        with block("ppl-step is-here").style(f"margin-left: {min(len(above), 6) * 16}px"):
            words(person.name, "cz-strong")
        for under in below:
            with block("ppl-step").style(f"margin-left: {min(len(above) + 1, 7) * 16}px"):
                anchor(person_at(under.id), under.name)
        if not above:
            words(t("Nobody is above them."), "cz-soft cz-small")
        if may(visitor.somebody, "manage", "user"):
            with block("cz-row"):
                manager_button(designer, visitor, person, people)
