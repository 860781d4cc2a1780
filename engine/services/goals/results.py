"""What a flow brought about, against its holdout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import flow_results as rows
from crm_store.exchange_rates import base_currency
from crm_store.flows import definitions, flow_named
from crm_store.lists.flow_numbers import versions
from engine.errors import NotFound
from engine.flows.goal import Goal
from engine.flows.model import EntryPolicy
from engine.measuring import Group, Interval, Lift, lift_of
from engine.services.actor import Actor, allowed


@dataclass(frozen=True, slots=True)
class Revenue:
    """`per_person_minor` spreads the amount over all people of the group, exact to a fraction."""

    currency: str
    amount_minor: int
    per_person_minor: float
    times: int


@dataclass(frozen=True, slots=True)
class GroupResult:
    """`interval` is where the true rate lies. `base` is the revenue in the base currency, None
    while there is none, or an amount without a rate.
    """

    people: int
    runs: int
    reached: int
    rate: float
    interval: Interval
    revenue: tuple[Revenue, ...]
    base: Revenue | None


@dataclass(frozen=True, slots=True)
class FlowResults:
    """`goal` is that of the version asked for, or of the published one; None when it has none.
    `lift` is None while one of the groups is empty.
    """

    flow: str
    goal: Goal | None
    confidence: float
    inside: GroupResult
    holdout: GroupResult
    lift: Lift | None


async def flow_results(
    session: AsyncSession,
    actor: Actor,
    name: str,
    *,
    version: int | None = None,
    since: datetime | None = None,
    confidence: float = 0.95,
) -> FlowResults:
    """People are counted once, whatever the number of their runs; where runs keep them from
    entering again, what their first run reached counts alone. `since` leaves out who entered
    earlier, `version` who entered another one. Raises NotFound.
    """
    allowed(actor, "read", "flow")
    flow = await flow_named(session, name)
    if flow is None:
        raise NotFound(f'There is no flow "{name}". `cadenza flow list` shows all names.')
    version_id = await _version_id(session, flow.id, name, version)
    shown = version_id or flow.published_version_id
    stored = (await definitions(session, [shown])).get(shown, {}) if shown else {}
    of_runs = (session, flow.id, version_id, since)
    first_only = _keeps_people_out(stored.get("entry"))
    groups = {row.held_out: row for row in await rows.groups(*of_runs, first_only=first_only)}
    revenue = await rows.revenue(*of_runs, first_only=first_only)
    base = (await base_currency(session)).currency
    inside, holdout = (
        _group(
            groups.get(held_out),
            [row for row in revenue if row.held_out is held_out],
            base,
            confidence,
        )
        for held_out in (False, True)
    )
    goal = stored.get("goal")
    return FlowResults(
        flow=name,
        goal=Goal.from_definition(goal) if goal else None,
        confidence=confidence,
        inside=inside,
        holdout=holdout,
        lift=lift_of(
            Group(inside.people, inside.reached), Group(holdout.people, holdout.reached), confidence
        ),
    )


def _keeps_people_out(entry: Mapping[str, Any] | None) -> bool:
    """Whether those inside a flow cannot enter again, which those held out are free to do at any
    time: then their later runs would give them more time to reach the goal.
    """
    if entry is None:
        return False
    return entry.get("policy") == EntryPolicy.AFTER_EXIT or entry.get("at_most") is not None


async def _version_id(
    session: AsyncSession, flow_id: int, name: str, number: int | None
) -> int | None:
    if number is None:
        return None
    for version, _ in await versions(session, flow_id):
        if version.number == number:
            return version.id
    raise NotFound(f'Flow "{name}" has no version {number}.')


def _group(
    row: rows.GroupRow | None, revenue: list[rows.RevenueRow], base: str, confidence: float
) -> GroupResult:
    people, reached = (row.people, row.reached) if row else (0, 0)
    group = Group(people, reached)
    in_base = [one.base_minor for one in revenue]
    known = [amount for amount in in_base if amount is not None]
    times = sum(one.times for one in revenue)
    total = (
        _revenue(base, sum(known), people, times)
        if revenue and len(known) == len(in_base)
        else None
    )
    return GroupResult(
        people=people,
        runs=row.runs if row else 0,
        reached=reached,
        rate=group.rate,
        interval=group.interval(confidence),
        revenue=tuple(
            _revenue(one.currency, one.amount_minor, people, one.times) for one in revenue
        ),
        base=total,
    )


def _revenue(currency: str, amount: int, people: int, times: int) -> Revenue:
    return Revenue(currency, amount, amount / people if people else 0.0, times)
