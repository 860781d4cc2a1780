"""How long open deals have stood where they stand, and which ones longest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.exchange_rates import base_currency
from crm_store.insight.aging import AgeRow, OldDealRow, ages, oldest
from crm_store.insight.chosen import Chosen, StageRow
from engine.local_time import local_date
from engine.services.actor import Actor, allowed_some
from engine.services.insight.asking import Names, Question, asked_deals, read_names
from engine.services.insight.chances import LOOKS_BACK
from engine.services.insight.patience import bounded
from engine.services.insight.stays import NOBODY_STAYED, Stay, measured_stays

BORDERS_DAYS: Final = (8, 15, 31, 61, 91, 181)
MOST_DEALS: Final = 500
USUAL_DEALS: Final = 50


@dataclass(frozen=True, slots=True)
class AgeBucket:
    """Deals that have stood there from so many whole days on, up to `until_days` (None: without
    end). `base_minor` leaves out the amounts of `without_rate` deals."""

    from_days: int
    until_days: int | None
    deals: int
    base_minor: int
    without_rate: int


@dataclass(frozen=True, slots=True)
class StageAges:
    """`usual_seconds` is what nine of ten deals that left the stage within a year took at most."""

    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    usual_seconds: float | None
    buckets: tuple[AgeBucket, ...]


@dataclass(frozen=True, slots=True)
class OldDeal:
    """`is_longer` than nine of ten deals took; None where too few left to say. `is_overdue`: it was
    expected to close before today."""

    deal_id: int
    name: str
    pipeline: str
    stage: str
    stage_label: str
    stage_label_zh: str | None
    owner_id: int | None
    owner: str | None
    currency: str | None
    amount_minor: int | None
    in_stage: timedelta
    open_for: timedelta
    quiet_for: timedelta | None
    expected_close_on: date | None
    is_overdue: bool
    is_longer: bool | None


@dataclass(frozen=True, slots=True)
class Aging:
    base_currency: str
    stages: tuple[StageAges, ...]
    deals: tuple[OldDeal, ...]


async def aging(
    session: AsyncSession,
    actor: Actor,
    question: Question,
    now: datetime,
    zone: str,
    *,
    limit: int = USUAL_DEALS,
) -> Aging:
    """Of deals that are open now: the days of the question say nothing here. Raises NotAllowed,
    Refused and NotFound."""
    allowed_some(actor, "read", "deal")
    names = await read_names(session)
    chosen = asked_deals(actor, question, names, zone)
    everybody = Chosen(
        chosen.pipeline_id,
        since=now - LOOKS_BACK,
        until=now,
        seen_owners=chosen.seen_owners,
        sees_unowned=chosen.sees_unowned,
    )
    async with bounded(session):
        usual = await measured_stays(session, everybody)
        found = await ages(session, chosen, BORDERS_DAYS, now)
        old = await oldest(session, chosen, limit=min(limit, MOST_DEALS))
    base = (await base_currency(session)).currency
    by_stage: dict[int, list[AgeRow]] = {}
    for row in found:
        by_stage.setdefault(row.stage_id, []).append(row)
    return Aging(
        base,
        tuple(
            _stage(names, stage, by_stage[stage.id], usual)
            for stage in names.stages.values()
            if stage.id in by_stage
        ),
        tuple(_deal(names, row, usual, now, local_date(now, zone)) for row in old),
    )


def _usual(usual: Mapping[tuple[int, int | None], Stay], stage_id: int) -> float | None:
    wall = usual.get((stage_id, None), NOBODY_STAYED).wall
    return wall.p90 if wall.cases >= USUAL_CASES else None


# Nine of ten of fewer than these would be one or two deals.
USUAL_CASES: Final = 20


def _stage(
    names: Names,
    stage: StageRow,
    rows: list[AgeRow],
    usual: Mapping[tuple[int, int | None], Stay],
) -> StageAges:
    counted = {row.bucket: row for row in rows}
    starts, ends = (0, *BORDERS_DAYS), (*BORDERS_DAYS, None)
    buckets = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        row = counted.get(number)
        sums = (row.deals, row.base_minor, row.without_rate) if row else (0, 0, 0)
        buckets.append(AgeBucket(start, end, *sums))
    return StageAges(
        names.pipelines[stage.pipeline_id].key,
        stage.key,
        stage.label,
        stage.label_zh,
        _usual(usual, stage.id),
        tuple(buckets),
    )


def _deal(
    names: Names,
    row: OldDealRow,
    usual: Mapping[tuple[int, int | None], Stay],
    now: datetime,
    today: date,
) -> OldDeal:
    stage = names.stages[row.stage_id]
    longest, in_stage = _usual(usual, row.stage_id), now - row.stage_entered_at
    expected = row.expected_close_on
    return OldDeal(
        row.deal_id,
        row.name,
        names.pipelines[stage.pipeline_id].key,
        stage.key,
        stage.label,
        stage.label_zh,
        row.owner_id,
        names.people.get(row.owner_id) if row.owner_id else None,
        row.currency,
        row.amount_minor,
        in_stage,
        now - row.opened_at,
        now - row.last_activity_at if row.last_activity_at else None,
        expected,
        expected is not None and expected < today,
        None if longest is None else in_stage.total_seconds() > longest,
    )
