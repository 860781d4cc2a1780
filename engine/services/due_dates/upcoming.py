"""What comes next: the coming times of schedules, and of a date for one contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_id_called
from crm_store.due_dates import last_fired, last_firings, watched
from engine.dates.occasions import next_occasion
from engine.errors import NotFound, Refused
from engine.flows.triggers import DateTrigger, ScheduleTrigger
from engine.flows.words import Words
from engine.services.actor import Actor, allowed
from engine.services.due_dates.days_off import days_off_of
from engine.services.due_dates.rows import rows_of
from engine.services.plans import ActiveFlow, Plans

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Coming:
    """A flow that people enter because of the time. `next_times` are those of a schedule, empty
    while it is paused; `last_at` is when it last let somebody in, `looked_until` how far it has
    looked.
    """

    flow: str
    says: Words
    zone: str
    paused: bool
    next_times: tuple[datetime, ...]
    last_at: datetime | None
    looked_until: datetime | None


@dataclass(frozen=True, slots=True)
class NextForContact:
    """`record_id` is the deal, 0 for a date of the contact; `at` None when it never comes again."""

    record_id: int
    at: datetime | None
    zone: str
    occasion: str | None


async def coming_up(
    session: AsyncSession, actor: Actor, plans: Plans, now: datetime, *, count: int = SHOWN
) -> Sequence[Coming]:
    """Every published flow that watches dates or has a schedule, by name."""
    allowed(actor, "read", "flow")
    book = await plans.book(session)
    looked, fired, let_in = (
        await watched(session),
        await last_firings(session),
        await last_fired(session),
    )
    found = []
    for flow in sorted(book.flows.values(), key=lambda one: one.name):
        trigger = flow.plan.flow.trigger
        if not flow.enterable or not isinstance(trigger, DateTrigger | ScheduleTrigger):
            continue
        paused = flow.id in book.paused
        times: tuple[datetime, ...] = ()
        if isinstance(trigger, ScheduleTrigger) and not paused:
            times = trigger.next_times(now, count)
        last = fired.get(flow.id) or let_in.get(flow.id)
        zone, says = trigger.zone, trigger.summary()
        found.append(Coming(flow.name, says, zone, paused, times, last, looked.get(flow.id)))
    return found


async def next_for_contact(
    session: AsyncSession,
    actor: Actor,
    plans: Plans,
    now: datetime,
    *,
    flow: str,
    contact: int | str,
    default_zone: str,
) -> Sequence[NextForContact]:
    """When the date of a flow comes next for one contact, once for each deal. The rule and the
    entry policy are not asked. Raises NotFound, and Refused for a flow without a date.
    """
    allowed(actor, "read", "flow")
    allowed(actor, "read", "contact")
    trigger = (await named(session, plans, flow)).plan.flow.trigger
    if not isinstance(trigger, DateTrigger):
        raise Refused(f'Flow "{flow}" watches no date; leave the contact out.')
    contact_id = await contact_id_called(session, contact)
    if contact_id is None:
        raise NotFound(f'There is no contact "{contact}".')
    rule, found = trigger.date_rule(), []
    for row in await rows_of(session, trigger, contact_id):
        if row.dated is None:
            continue
        occasion = next_occasion(rule, row.dated, now, default_zone, days_off_of)
        zone = rule.zone or row.dated.zone or default_zone
        at, name = (occasion.due, occasion.name) if occasion else (None, None)
        found.append(NextForContact(row.record_id, at, zone, name))
    return found


async def named(session: AsyncSession, plans: Plans, name: str) -> ActiveFlow:
    """The published flow of that name; raises NotFound."""
    book = await plans.book(session)
    flow_id = book.id_of(name)
    flow = None if flow_id is None else book.flows.get(flow_id)
    if flow is None:
        raise NotFound(f'There is no published flow "{name}".')
    return flow
