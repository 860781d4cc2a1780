"""Campaigns: the way from entering to the goal, week by week, and messages day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.boards import campaigns as rows
from crm_store.flows import flow_named
from engine.errors import NotFound
from engine.measuring import Group, Lift, lift_of
from engine.services.actor import Actor, allowed
from engine.services.boards.stretch import Stretch


@dataclass(frozen=True, slots=True)
class Funnel:
    """People who entered a flow in the stretch, counted by run, and how many of them came so far.

    `delivered` is None where nobody reports deliveries; `arrived` is what did not come back.
    `machine_opened` were opened by machines alone and are not among the `opened`.
    """

    flow: str
    label: str
    held_out: int
    entered: int
    messaged: int
    arrived: int
    delivered: int | None
    opened: int
    machine_opened: int
    clicked: int
    converted: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who entered in the week from `week` on; rates are None where nobody did. `lift` compares the
    two groups, None where one is empty."""

    week: date
    people: int
    reached: int
    held_out: int
    held_out_reached: int
    lift: Lift | None

    @property
    def rate(self) -> float | None:
        return self.reached / self.people if self.people else None

    @property
    def held_out_rate(self) -> float | None:
        return self.held_out_reached / self.held_out if self.held_out else None


@dataclass(frozen=True, slots=True)
class MessageDay:
    day: date
    sent: int
    opened: int
    machine_opened: int
    clicked: int
    bounced: int


async def funnels(
    session: AsyncSession, actor: Actor, stretch: Stretch, flow: str | None = None
) -> list[Funnel]:
    """Those with most people first. Raises NotAllowed and NotFound."""
    _may_look(actor)
    flow_id = await _flow_id(session, flow)
    return [
        Funnel(
            flow=row.flow,
            label=row.label,
            held_out=row.held_out,
            entered=row.entered,
            messaged=row.messaged,
            arrived=row.arrived,
            delivered=row.reported or None,
            opened=row.opened,
            machine_opened=row.machine_opened,
            clicked=row.clicked,
            converted=row.converted,
        )
        for row in await rows.funnels(session, flow_id, stretch.since, stretch.until)
    ]


def totalled(found: Iterable[Funnel]) -> Funnel:
    """All together; deliveries are known only where every flow with messages reports them."""
    every = list(found)
    silent = any(one.delivered is None and one.arrived for one in every)
    return Funnel(
        flow="",
        label="",
        held_out=sum(one.held_out for one in every),
        entered=sum(one.entered for one in every),
        messaged=sum(one.messaged for one in every),
        arrived=sum(one.arrived for one in every),
        delivered=None if silent else sum(one.delivered or 0 for one in every) or None,
        opened=sum(one.opened for one in every),
        machine_opened=sum(one.machine_opened for one in every),
        clicked=sum(one.clicked for one in every),
        converted=sum(one.converted for one in every),
    )


async def cohorts(
    session: AsyncSession, actor: Actor, stretch: Stretch, flow: str
) -> Sequence[Cohort]:
    """By week, those without anybody left out. Raises NotAllowed and NotFound."""
    _may_look(actor)
    flow_id = await _flow_id(session, flow)
    assert flow_id is not None
    by_week: dict[date, dict[bool, tuple[int, int]]] = {}
    found = await rows.cohorts(session, flow_id, stretch.since, stretch.until, stretch.zone)
    for row in found:
        by_week.setdefault(row.week, {})[row.held_out] = (row.people, row.reached)
    return [_cohort(week, groups) for week, groups in by_week.items()]


async def message_days(
    session: AsyncSession, actor: Actor, stretch: Stretch, flow: str | None = None
) -> list[MessageDay]:
    """Every day of the stretch, also those without messages. Raises NotAllowed and NotFound."""
    _may_look(actor)
    flow_id = await _flow_id(session, flow)
    found = {
        row.day: MessageDay(*row)
        for row in await rows.message_days(
            session, flow_id, stretch.since, stretch.until, stretch.zone
        )
    }
    return [found.get(day) or MessageDay(day, 0, 0, 0, 0, 0) for day in stretch.days()]


def _may_look(actor: Actor) -> None:
    allowed(actor, "read", "flow")
    allowed(actor, "read", "message")


async def _flow_id(session: AsyncSession, name: str | None) -> int | None:
    if name is None:
        return None
    flow = await flow_named(session, name)
    if flow is None:
        raise NotFound(f'There is no flow "{name}".')
    return flow.id


def _cohort(week: date, groups: dict[bool, tuple[int, int]]) -> Cohort:
    inside, outside = Group(*groups.get(False, (0, 0))), Group(*groups.get(True, (0, 0)))
    return Cohort(
        week,
        inside.people,
        inside.reached,
        outside.people,
        outside.reached,
        lift_of(inside, outside, 0.95),
    )
