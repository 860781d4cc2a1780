"""Who is on duty now and next, and taking a duty over."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from nicegui import ui

from designer.asking import asking_button
from designer.case_words import ROOM, TAB
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import block, card, words
from engine.services.actor import may
from engine.services.escalations import duty
from engine.services.escalations.duty import Duty, ListedOverride

# Whoever swaps for longer says until when at the command line or the API.
_TAKEN_FOR: Final = timedelta(hours=12)


async def duty_card(designer: Designer, visitor: Visitor) -> None:
    """Nothing where no policy has a rotation."""
    t = visitor.t
    if not may(visitor.somebody, "read", "escalation_policy"):
        return
    now = designer.now()
    async with designer.transaction() as session:
        found = await duty.duties(session, visitor.somebody, now)
        swaps = await duty.list_overrides(session, visitor.somebody, now)
    if not found:
        return
    with card(t("On duty")):
        columns = [Column(t("Duty")), Column(t("Now")), Column(t("Next")), Column(t("From"))]
        DataTable(t("On duty"), columns, [_row(one, visitor) for one in found])
        may_take = may(visitor.somebody, "edit", "escalation")
        others = [one for one in found if may_take and one.user_id != visitor.somebody.id]
        if not swaps and not others:
            return
        with block("cz-pad cz-stack cz-tight"):
            for swap in swaps:
                words(_swapped(swap, visitor), "cz-soft cz-small")
            with block("cz-row"):
                for one in others:
                    _take_over(designer, visitor, one)


def _swapped(swap: ListedOverride, visitor: Visitor) -> str:
    t, moment = visitor.t, visitor.formats.weekday_moment
    return t(
        "{duty}: {who} from {start} until {end}",
        duty=f"{swap.policy}/{swap.rotation}",
        who=swap.name or t("Nobody"),
        start=moment(swap.starts_at),
        end=moment(swap.ends_at),
    )


def _row(one: Duty, visitor: Visitor) -> Row:
    t = visitor.t
    return Row(
        (
            Cell(one.rotation, sub=one.policy),
            Cell(one.name or t("Nobody"), tone=None if one.name else "bad"),
            Cell(one.next_name or t("Nobody")),
            Cell(visitor.formats.weekday_moment(one.next_at)),
        )
    )


def _take_over(designer: Designer, visitor: Visitor, one: Duty) -> None:
    t = visitor.t

    async def deed() -> None:
        actor = await designer.actor(visitor.token)
        now = designer.now()
        async with designer.transaction() as session:
            await duty.override_duty(
                session,
                actor,
                one.policy,
                one.rotation,
                actor.id or 0,
                now,
                now + _TAKEN_FOR,
                now=now,
            )
        designer.runtime.pokes.clocks()
        ui.navigate.to(f"{ROOM}?tab={TAB}")

    asking_button(
        t,
        "swap_horiz",
        t("Take over: {duty}", duty=one.rotation),
        t("Take this duty over?"),
        t("You have it for the next twelve hours, whoever's turn it is."),
        deed,
    )
