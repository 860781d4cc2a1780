"""Schedules whose time has come: each firing lets its audience in, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.due_dates import firing_enrols, lock_watch, remember_firing
from engine.dates.cron import firings_between
from engine.dates.missed import PUNCTUAL, Missed, to_make_up
from engine.flows.triggers import ScheduleTrigger
from engine.services.enrolling import new_enrolment
from engine.services.plans import Plans


@dataclass(frozen=True, slots=True)
class FiredNow:
    """Enrolments that were made: poke `audience` for each after the commit."""

    enrolments: tuple[int, ...] = ()
    dropped: int = 0


async def fire_schedule(
    session: AsyncSession, plans: Plans, *, flow_id: int, now: datetime
) -> FiredNow:
    """Do what the flow's schedule asked for since the last look. Called twice, or by two at once,
    it makes one enrolment for each firing.
    """
    book = await plans.book(session)
    flow = book.flows.get(flow_id)
    if flow is None or not flow.enterable or flow_id in book.paused:
        return FiredNow()
    trigger = flow.plan.flow.trigger
    if not isinstance(trigger, ScheduleTrigger):
        return FiredNow()
    watch = await lock_watch(session, flow_id)
    if watch is None or now <= watch.looked_until:
        return FiredNow()
    # what lies further back is dropped unseen, however long nobody looked
    since = max(watch.looked_until, now - max(trigger.within, PUNCTUAL))
    passed = firings_between(trigger.schedule, trigger.zone, since, now)
    chosen = to_make_up(passed, now, Missed(trigger.missed), trigger.within)
    enrolments = []
    for fire_at in chosen.to_fire:
        if await remember_firing(session, flow_id, fire_at, now):
            enrolment = new_enrolment(flow, now)
            session.add(enrolment)
            await session.flush()
            await firing_enrols(session, flow_id, fire_at, enrolment.id)
            enrolments.append(enrolment.id)
    watch.looked_until = now
    return FiredNow(tuple(enrolments), chosen.dropped)
