"""What can be said about one person: where and when they work, what they can do, whom they report
to, and which team they are in."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.people.deeds import Form, done
from designer.people.names import choices
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words
from engine.local_time import zone_names
from engine.people import Directory, Person
from engine.services.actor import Actor
from engine.services.organisation.profiles import Profile, set_manager, set_profile
from engine.services.organisation.teams import put_members
from engine.services.people import set_language


def profile_button(
    designer: Designer, visitor: Visitor, person: Person, calendars: dict[str, str]
) -> None:
    t = visitor.t
    form = Form(visitor, t("Where and when they work, and what they can do"))
    with form:
        zones = {"": t("The company's zone"), **{zone: zone for zone in sorted(zone_names())}}
        zone = ui.select(zones, label=t("Time zone"), value=person.zone or "", with_input=True)
        known = {"": t("The team's calendar"), **calendars}
        chosen = person.calendar if person.calendar in known else ""
        calendar = ui.select(known, label=t("Calendar"), value=chosen)
        skills = ui.input(t("Skills"), value=", ".join(sorted(person.skills)))
        skills.mark("skills")
        places = ui.input(t("Territories"), value=", ".join(sorted(person.territories)))
        for field in (zone, calendar, skills, places):
            field.props("outlined dense").classes("cz-field full-width")
        for text in (skills, places):
            text.props("maxlength=2000").props["hint"] = t("With commas between")

    async def save(problem: Words) -> bool:
        profile = Profile(
            zone.value or None,
            calendar.value or None,
            _words(skills.value),
            _words(places.value),
        )

        async def deed(session: Any, actor: Actor) -> None:
            await set_profile(session, actor, person.id, profile, designer.now())

        return await done(designer, visitor, deed, problem)

    form.finish(t("Save"), save, "profile")
    form.opener(t("Change"), "edit", "edit-profile")


def _words(text: Any) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(text or "").split(",") if part.strip())


def manager_button(designer: Designer, visitor: Visitor, person: Person, people: Directory) -> None:
    t = visitor.t
    text = t("Approvals and escalations go up this line.")
    form = Form(visitor, t("Whom do they report to?"), text)
    with form:
        known = choices(people, but=(person.id,))
        value = person.manager_id if person.manager_id in known else None
        chosen = ui.select(
            known, label=t("Manager"), value=value, with_input=True, clearable=True
        ).mark("manager")
        chosen.props("outlined dense").classes("cz-field full-width")

    async def save(problem: Words) -> bool:
        manager = int(chosen.value) if chosen.value else None

        async def deed(session: Any, actor: Actor) -> None:
            await set_manager(session, actor, person.id, manager, designer.now())

        return await done(designer, visitor, deed, problem)

    form.finish(t("Save"), save, "manager")
    form.opener(t("Change the manager"), "supervisor_account", "edit-manager")


def team_of_button(
    designer: Designer, visitor: Visitor, person: Person, teams: dict[int, str]
) -> None:
    t = visitor.t
    form = Form(visitor, t("Which team are they in?"))
    with form:
        now = next((id_ for id_, name in teams.items() if name == person.team), 0)
        chosen = ui.select({0: t("In no team"), **teams}, label=t("Team"), value=now)
        chosen.props("outlined dense").classes("cz-field full-width").mark("team-of")

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            team = int(chosen.value) or None
            await put_members(session, actor, team, [person.id], designer.now())

        return await done(designer, visitor, deed, problem)

    form.finish(t("Save"), save, "team-of")
    form.opener(t("Change the team"), "groups", "edit-team-of")


def language_button(designer: Designer, visitor: Visitor, person: Person) -> None:
    """One's own."""
    t = visitor.t
    form = Form(visitor, t("In which language does Cadenza write to you?"))
    with form:
        said = {"en": "English", "zh": "简体中文"}
        chosen = ui.select(said, value=person.language if person.language in said else "en")
        chosen.props("outlined dense").classes("cz-field full-width").mark("language")
        chosen.props["aria-label"] = t("Language")

    async def save(problem: Words) -> bool:
        async def deed(session: Any, actor: Actor) -> None:
            await set_language(session, actor, str(chosen.value))

        return await done(designer, visitor, deed, problem)

    form.finish(t("Save"), save, "language")
    form.opener(t("Change the language"), "translate", "edit-language")
