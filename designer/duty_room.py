"""Who is on duty: the week of every rotation, its handoffs and swaps, and taking a duty over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from babel.dates import format_date
from nicegui import ui

from designer.asking import asking_button
from designer.components.filter_tabs import address
from designer.duty_card import duty_card
from designer.people.deeds import Form, done
from designer.people.moments import BadMoment, day_field, moment_of, time_field
from designer.people.names import choices
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words, anchor, block, button_link, card, empty_state, words
from engine.local_time import local_date, start_of_day
from engine.people import Directory
from engine.services.actor import Actor, may
from engine.services.escalations import duty
from engine.services.escalations.duty_plan import PlannedDuty, Stretch, duty_plan
from engine.services.people_shelf import PeopleShelf

ROOM: Final = "/inbox"
TAB: Final = "duty"
_DAYS: Final = 7
# Colours of people in the week; more people begin again.
_HUES: Final = 6


async def duty_room(designer: Designer, visitor: Visitor, query: Mapping[str, str]) -> None:
    """The tab's content: a week from Monday to Sunday, `week` names another one."""
    t, now = visitor.t, designer.now()
    monday = _monday(query.get("week"), local_date(now, visitor.zone))
    begins = start_of_day(monday, visitor.zone)
    ends = start_of_day(monday + timedelta(days=_DAYS), visitor.zone)
    async with designer.transaction() as session:
        plans = await duty_plan(session, visitor.somebody, begins, ends)
        swaps = await duty.list_overrides(session, visitor.somebody, now)
        people = await PeopleShelf().directory(session)
    if not plans:
        with block("cz-card"):
            text = t("An escalation policy may have duties that people take in turn.")
            link = ("/definitions?kind=escalation_policy", t("Escalation policies"))
            has_link = link if may(visitor.somebody, "read", "escalation_policy") else None
            empty_state("event_repeat", t("No duties yet"), text, link=has_link)
        return
    await duty_card(designer, visitor)
    with block("cz-row"):
        for by, name, symbol in ((-7, t("Week before"), "chevron_left"), (0, t("This week"), "")):
            button_link(_week_at(monday, by), name, symbol)
        button_link(_week_at(monday, 7), t("Next week"), "chevron_right")
        _swap_form(designer, visitor, plans, people)
    hues = _hues(plans)
    for plan in plans:
        _week(plan, visitor, monday, begins, ends, now, hues)
    if swaps:
        _swaps(designer, visitor, swaps)


def _monday(text: str | None, today: date) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        day = today
    # as far as anybody plans; beyond it somebody plays with the address
    if abs(day - today) > timedelta(days=3660):
        day = today
    return day - timedelta(days=day.weekday())


def _week_at(monday: date, by: int) -> str:
    week = None if by == 0 else (monday + timedelta(days=by)).isoformat()
    return address(ROOM, {"tab": TAB, "week": week})


def _hues(plans: list[PlannedDuty]) -> dict[int, int]:
    seen = {one.user_id for plan in plans for one in plan.stretches if one.user_id is not None}
    return {user_id: at % _HUES for at, user_id in enumerate(sorted(seen))}


def _week(
    plan: PlannedDuty,
    visitor: Visitor,
    monday: date,
    begins: Any,
    ends: Any,
    now: Any,
    hues: Mapping[int, int],
) -> None:
    t = visitor.t
    with card(plan.rotation, (f"/definitions/escalation_policy/{plan.policy}", plan.policy)) as c:
        c.mark(f"week-{plan.policy}-{plan.rotation}")
        with block("cz-pad"):
            with block("dut-days"):
                for at in range(_DAYS):
                    day = monday + timedelta(days=at)
                    pattern = "M月d日 EEE" if t.short == "zh" else "EEE d MMM"
                    said = str(format_date(day, pattern, locale=visitor.formats.locale))
                    words(said, "cz-soft cz-small")
            with block("dut-track"):
                if begins <= now < ends:
                    share = (now - begins) / (ends - begins) * 100
                    block("ppl-today").style(f"left: {share:.2f}%")
                for one in plan.stretches:
                    _stretch(one, visitor, begins, ends, hues)
            with block("dut-list", tag="ul"):
                for one in plan.stretches:
                    words(_said(one, visitor), "cz-small cz-soft", tag="li")


def _stretch(
    one: Stretch, visitor: Visitor, begins: Any, ends: Any, hues: Mapping[int, int]
) -> None:
    t, whole = visitor.t, ends - begins
    left, width = (one.starts_at - begins) / whole, (one.ends_at - one.starts_at) / whole
    hue = "is-nobody" if one.user_id is None else f"is-hue{hues[one.user_id]}"
    with block(f"dut-bar {hue}" + (" is-swapped" if one.swapped else "")) as bar:
        bar.style(f"left: {left * 100:.3f}%; width: {width * 100:.3f}%")
        bar.props["title"] = _said(one, visitor)
        words(one.name or t("Nobody"))


def _said(one: Stretch, visitor: Visitor) -> str:
    t, moment = visitor.t, visitor.formats.weekday_moment
    text = t(
        "{who}: {start} until {end}",
        who=one.name or t("Nobody"),
        start=moment(one.starts_at),
        end=moment(one.ends_at),
    )
    return f"{text} ({t('swapped')})" if one.swapped else text


def _swap_form(
    designer: Designer, visitor: Visitor, plans: list[PlannedDuty], people: Directory
) -> None:
    t, somebody = visitor.t, visitor.somebody
    if not may(somebody, "edit", "escalation"):
        return
    anybody = may(somebody, "edit", "escalation_policy")
    today = local_date(designer.now(), visitor.zone)
    form = Form(
        visitor,
        t("Swap a duty"),
        t("Whoever is named has the duty for that time, whoever's turn it is."),
    )
    with form:
        known = {f"{one.policy}/{one.rotation}": one.rotation for one in plans}
        which = ui.select(known, label=t("Duty"), value=next(iter(known))).mark("swap-duty")
        everybody = choices(people)
        who = ui.select(everybody, label=t("Who has it"), value=somebody.id).mark("swap-who")
        for field in (which, who):
            field.props("outlined dense").classes("cz-field full-width")
        if not anybody:
            who.disable()
        with block("cal-probe"):
            first = day_field(t("From"), today).mark("swap-from")
            begins = time_field(t("At"), "09:00")
            last = day_field(t("Until"), today + timedelta(days=1)).mark("swap-until")
            ends = time_field(t("At"), "09:00")

    async def swap(problem: Words) -> bool:
        try:
            start = moment_of(first.value, begins.value, visitor.zone)
            end = moment_of(last.value, ends.value, visitor.zone)
        except BadMoment as error:
            problem.set_text(t(error.message))
            return False
        policy, _, rotation = str(which.value).partition("/")

        async def deed(session: Any, actor: Actor) -> None:
            await duty.override_duty(
                session,
                actor,
                policy,
                rotation,
                int(who.value or 0),
                start,
                end,
                now=designer.now(),
            )

        return await done(designer, visitor, deed, problem)

    form.finish(t("Swap"), swap, "swap")
    form.opener(t("Swap a duty"), "swap_horiz", "add-swap", main=True)


def _swaps(designer: Designer, visitor: Visitor, swaps: list[duty.ListedOverride]) -> None:
    t, moment = visitor.t, visitor.formats.weekday_moment
    mine = visitor.somebody.id
    with card(t("Swaps")):
        for one in swaps:
            with block("ppl-away").mark(f"swap-{one.id}"):
                with block("cz-grow"):
                    anchor(f"/people/{one.user_id}", one.name or t("Nobody"), "cz-strong")
                    said = t(
                        "{duty}: {start} until {end}",
                        duty=one.rotation,
                        start=moment(one.starts_at),
                        end=moment(one.ends_at),
                    )
                    words(said, "cz-soft cz-small", tag="div")
                needed: Any = "escalation" if one.user_id == mine else "escalation_policy"
                if may(visitor.somebody, "edit", needed):
                    asking_button(
                        t,
                        "undo",
                        t("Take it back"),
                        t("Take this swap back?"),
                        t("Whoever's turn it is has the duty again."),
                        _taking_back(designer, visitor, one.id),
                    )


def _taking_back(
    designer: Designer, visitor: Visitor, override_id: int
) -> Callable[[], Awaitable[None]]:
    async def take_back() -> None:
        actor = await designer.actor(visitor.token)
        async with designer.transaction() as session:
            await duty.cancel_override(session, actor, override_id, designer.now())
        designer.runtime.pokes.clocks()
        ui.navigate.reload()

    return take_back
