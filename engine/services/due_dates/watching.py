"""Which flows look at dates or have a schedule, and when there is something to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.due_dates import forget_watches, watched
from engine.dates.hours import Hours
from engine.flows.triggers import DateTrigger, ScheduleTrigger, Trigger
from engine.local_time import zone_names
from engine.services.plans import Plans


@dataclass(frozen=True, slots=True)
class Watching:
    """A flow that people enter because of the time."""

    flow_id: int
    name: str
    trigger: DateTrigger | ScheduleTrigger


async def flows_that_watch(session: AsyncSession, plans: Plans) -> Sequence[Watching]:
    """The flows to look at now; those that are paused wait.

    A flow that no longer looks at dates, or that nobody enters any more, is forgotten: should it
    come back it begins anew, and makes up for nothing.
    """
    book = await plans.book(session)
    found, over = [], []
    known = await watched(session)
    for flow in book.flows.values():
        trigger = flow.plan.flow.trigger
        if flow.enterable and isinstance(trigger, DateTrigger | ScheduleTrigger):
            if flow.id not in book.paused:
                found.append(Watching(flow.id, flow.name, trigger))
        elif flow.id in known:
            over.append(flow.id)
    await forget_watches(session, over)
    return found


def next_due(flows: Sequence[Watching], hours: dict[str, Hours], now: datetime) -> datetime | None:
    """When the next of these flows may have something to do; None without any. `hours` are by time
    of day and are kept from call to call.
    """
    return min((due for one in flows if (due := _due(one.trigger, hours, now))), default=None)


def _due(trigger: Trigger, hours: dict[str, Hours], now: datetime) -> datetime | None:
    if isinstance(trigger, ScheduleTrigger):
        return next(iter(trigger.next_times(now, 1)), None)
    if not isinstance(trigger, DateTrigger):
        return None
    rule = trigger.date_rule()
    clock = hours.setdefault(trigger.at, Hours(rule.at))
    return clock.soonest(zone_names() if rule.zone is None else (rule.zone,), now)
