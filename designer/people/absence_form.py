"""Entering that somebody is away, and cancelling it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

from nicegui import ui

from designer.asking import asking_button
from designer.people.deeds import Form, done
from designer.people.moments import BadMoment, day_after, day_field, day_of
from designer.people.names import choices
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words
from engine.local_time import local_date, start_of_day
from engine.people import Directory
from engine.services.actor import Actor, may
from engine.services.organisation.absences import (
    LONGEST_NOTE,
    AbsenceGiven,
    add_absence,
    cancel_absence,
)


def may_enter(actor: Actor, user_id: int | None = None) -> bool:
    """Their own, or anybody's."""
    own = user_id is None or (actor.kind == "user" and actor.id == user_id)
    return may(actor, "edit", "absence") and (own or may(actor, "create", "absence"))


def absence_button(
    designer: Designer, visitor: Visitor, people: Directory, user_id: int | None = None
) -> None:
    """`user_id` None: whoever looks, or anybody for those who enter anybody's."""
    t, somebody = visitor.t, visitor.somebody
    if not may_enter(somebody, user_id):
        return
    today = local_date(designer.now(), visitor.zone)
    everybody = choices(people)
    form = Form(
        visitor,
        t("Who is away, and when?"),
        t("Whole days. Their deputy decides, is told and has their duties meanwhile."),
    )
    with form:
        who = ui.select(everybody, label=t("Person"), value=user_id or somebody.id)
        who.props("outlined dense").classes("cz-field full-width").mark("absence-who")
        fixed = user_id is not None or not may(somebody, "create", "absence")
        if fixed:
            who.disable()
        first = day_field(t("First day away"), today).mark("absence-first")
        last = day_field(t("Last day away"), today).mark("absence-last")
        deputy = ui.select(everybody, label=t("Deputy"), with_input=True, clearable=True)
        deputy.props("outlined dense").classes("cz-field full-width").mark("absence-deputy")
        note = ui.input(t("Note (for you and those who enter absences)"))
        note.props(f"outlined dense maxlength={LONGEST_NOTE}").classes("cz-field full-width")

    async def enter(problem: Words) -> bool:
        try:
            starts, ends = day_of(first.value), day_of(last.value)
        except BadMoment as error:
            problem.set_text(t(error.message))
            return False
        chosen = int(who.value or 0)
        zone = people.zone_of(chosen, designer.runtime.shared.default_zone)
        given = AbsenceGiven(
            chosen,
            start_of_day(starts, zone).astimezone(UTC),
            start_of_day(day_after(ends), zone).astimezone(UTC),
            int(deputy.value) if deputy.value else None,
            str(note.value or "").strip() or None,
        )

        async def deed(session: Any, actor: Actor) -> None:
            await add_absence(session, actor, given, designer.now())

        return await done(designer, visitor, deed, problem)

    form.finish(t("Enter"), enter, "absence")
    form.opener(t("Enter an absence"), "event_busy", "add-absence", main=user_id is None)


def cancel_button(designer: Designer, visitor: Visitor, absence_id: int) -> None:
    t = visitor.t
    asking_button(
        t,
        "event_available",
        t("Cancel it"),
        t("Are they there after all?"),
        t("What waits for them comes to them again, and not to their deputy."),
        _cancelling(designer, visitor, absence_id),
    )


def _cancelling(
    designer: Designer, visitor: Visitor, absence_id: int
) -> Callable[[], Awaitable[None]]:
    async def cancel() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await cancel_absence(session, actor, absence_id, designer.now())
        designer.runtime.pokes.clocks()
        ui.navigate.reload()

    return cancel
