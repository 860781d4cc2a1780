"""The calendar of sending: what went and what is coming, day by day, and who gets too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.boards import volume as rows
from crm_store.flows import definitions
from crm_store.lists import flow_numbers
from engine.flows.model import Flow, from_definition
from engine.local_time import local_date
from engine.services.actor import Actor, allowed
from engine.services.boards.ahead import Ahead
from engine.services.boards.stretch import Stretch
from engine.services.due_dates.upcoming import coming_up
from engine.services.plans import Plans
from engine.services.sending.shelf import PolicyShelf
from engine.services.views.faces import faces

MOST_CROWDED: Final = 50
# Where the house has no daily cap, several marketing messages on a day are worth a look.
USUAL_MOST: Final = 1


@dataclass(slots=True)
class CalendarDay:
    """By flow: messages that were sent, those that come for sure as far as plans go, and those that
    may come. `lets_in` are flows whose schedule takes people in that day."""

    day: date
    sent: dict[str, int] = field(default_factory=dict)
    least: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    lets_in: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.sent.values()) + sum(self.most.values())


@dataclass(frozen=True, slots=True)
class Crowded:
    """Somebody with more marketing messages on a day than `SendCalendar.most_a_day`."""

    contact_id: int
    name: str
    day: date
    sent: int
    coming: int


@dataclass(frozen=True, slots=True)
class SendCalendar:
    """`labels` are the flows by name; `capped` says that `most_a_day` is a rule of the house."""

    days: Sequence[CalendarDay]
    labels: Mapping[str, str]
    crowded: Sequence[Crowded]
    most_a_day: int
    capped: bool
    today: date


async def send_calendar(
    session: AsyncSession, actor: Actor, plans: Plans, stretch: Stretch, now: datetime
) -> SendCalendar:
    """Plans are what runs wait for now: who enters later is not in them. Paused flows stand still
    and are left out. Raises NotAllowed."""
    allowed(actor, "read", "message")
    allowed(actor, "read", "run")
    flows = {flow.id: flow for flow, _ in await flow_numbers.flows(session)}
    of_version = await flow_numbers.version_flows(session)
    moving = {id_ for id_, flow in flows.items() if flow.state == "active"}
    days = {day: CalendarDay(day) for day in stretch.days()}
    span = (stretch.since, min(now, stretch.until), stretch.zone)
    for sent in await rows.sent_days(session, *span) if stretch.since < now else ():
        if sent.flow_id in flows and sent.day in days:
            days[sent.day].sent[flows[sent.flow_id].name] = sent.messages
    found = []
    if stretch.until > now:
        found = await rows.planned(session, now, stretch.until, stretch.zone)
        found = [row for row in found if of_version.get(row.version_id) in moving]
    drawn = await _flows(session, {row.version_id for row in found})
    ahead = {version: Ahead(flow) for version, flow in drawn.items()}
    for row in found:
        if row.version_id in ahead and row.day in days:
            name = drawn[row.version_id].name
            _plan(days[row.day], name, row.runs, ahead[row.version_id].of(row.node))
    await _let_in(session, actor, plans, stretch, now, days)
    places = {
        (row.version_id, row.node)
        for row in found
        if row.version_id in ahead
        and drawn[row.version_id].purpose == "marketing"
        and ahead[row.version_id].of(row.node)[1]
    }
    policy = (await PolicyShelf().house(session)).policy
    caps = [cap.most for cap in policy.caps if cap.per == "day" and not cap.scope.topics]
    over = min(caps, default=USUAL_MOST)
    crowd = await rows.crowded(
        session,
        sorted(places),
        stretch.since,
        now,
        stretch.until,
        stretch.zone,
        over=over,
        limit=MOST_CROWDED,
    )
    return SendCalendar(
        days=list(days.values()),
        labels={flow.name: flow.label for flow in flows.values()},
        crowded=await _named(session, actor, crowd),
        most_a_day=over,
        capped=bool(caps),
        today=local_date(now, stretch.zone),
    )


def _plan(day: CalendarDay, flow: str, runs: int, each: tuple[int, int]) -> None:
    least, most = each
    if most:
        day.least[flow] = day.least.get(flow, 0) + runs * least
        day.most[flow] = day.most.get(flow, 0) + runs * most


async def _flows(session: AsyncSession, version_ids: set[int]) -> dict[int, Flow]:
    stored = await definitions(session, version_ids) if version_ids else {}
    return {version: from_definition(document) for version, document in stored.items()}


async def _let_in(
    session: AsyncSession,
    actor: Actor,
    plans: Plans,
    stretch: Stretch,
    now: datetime,
    days: Mapping[date, CalendarDay],
) -> None:
    for flow in await coming_up(session, actor, plans, now, count=len(days)):
        times: dict[date, None] = {}
        for at in flow.next_times:
            times[local_date(at, stretch.zone)] = None
        for day in times:
            if day in days:
                days[day].lets_in.append(flow.flow)


async def _named(
    session: AsyncSession, actor: Actor, crowd: Sequence[rows.CrowdedRow]
) -> list[Crowded]:
    known = await faces(session, actor, {row.contact_id for row in crowd})
    return [
        Crowded(row.contact_id, known[row.contact_id].name, row.day, row.sent, row.coming)
        for row in crowd
        if row.contact_id in known
    ]
