"""Which stage takes long, for whom, whether it became longer, and what could be promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import Chosen, StageRow
from engine.measuring.durations import Drift, Durations, Proposal, drift, proposed_limit
from engine.services.actor import Actor, allowed_some
from engine.services.insight.asking import Names, Question, asked_deals, read_names
from engine.services.insight.patience import bounded
from engine.services.insight.stays import NOBODY_STAYED, Stay, measured_stays

# Without days of their own, the last quarter is held against the one before it.
USUAL_LENGTH: Final = timedelta(days=91)
# Whoever has fewer stays on a stage is not named for it.
FEWEST_OF_A_PERSON: Final = 10


@dataclass(frozen=True, slots=True)
class Slower:
    """Somebody whose deals stay longer than chance explains: the lower end of the 95% interval of
    their median lies above the stage's own median."""

    user_id: int
    name: str
    stays: int
    median_seconds: float


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A stage by the deals that left it. `share` is its part of all the time that deals stood on
    stages of its pipeline. `proposed` is in working time where that is known (`in_working_time`).
    """

    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    wall: Durations
    working: Durations
    share: float
    drift: Drift
    before: Durations
    slower: tuple[Slower, ...]
    proposed: Proposal | None
    in_working_time: bool


async def bottlenecks(
    session: AsyncSession,
    actor: Actor,
    question: Question,
    now: datetime,
    zone: str,
    *,
    day_seconds: float,
) -> tuple[Bottleneck, ...]:
    """Stages that deals left, the one that took most of their time first within its pipeline.

    `day_seconds` is a usual working day. Raises NotAllowed, Refused and NotFound.
    """
    allowed_some(actor, "read", "deal")
    names = await read_names(session)
    chosen = with_days(asked_deals(actor, question, names, zone), now)
    async with bounded(session):
        found = await measured_stays(session, chosen)
        before = await measured_stays(session, the_time_before(chosen))
        people = await measured_stays(session, chosen, "owner")
    totals = _totals(found, names)
    made = (
        _bottleneck(names, stage, found[stage.id, None], before, people, totals, day_seconds)
        for stage in names.stages.values()
        if (stage.id, None) in found
    )
    return tuple(sorted(made, key=lambda one: (one.pipeline, -one.share)))


def with_days(chosen: Chosen, now: datetime) -> Chosen:
    """What was asked for without a beginning is about the last quarter."""
    until = chosen.until or now
    return replace(chosen, since=chosen.since or until - USUAL_LENGTH, until=until)


def the_time_before(chosen: Chosen) -> Chosen:
    """As long as what was chosen, and ending where it begins."""
    assert chosen.since is not None
    assert chosen.until is not None
    return replace(chosen, since=chosen.since - (chosen.until - chosen.since), until=chosen.since)


def _totals(found: Mapping[tuple[int, int | None], Stay], names: Names) -> dict[int, float]:
    totals: dict[int, float] = {}
    for (stage_id, _), stay in found.items():
        pipeline = names.stages[stage_id].pipeline_id
        totals[pipeline] = totals.get(pipeline, 0.0) + stay.wall.total_seconds
    return totals


def _bottleneck(
    names: Names,
    stage: StageRow,
    stay: Stay,
    before: Mapping[tuple[int, int | None], Stay],
    people: Mapping[tuple[int, int | None], Stay],
    totals: Mapping[int, float],
    day_seconds: float,
) -> Bottleneck:
    # working time that is known of less than half of the stays would speak for the others
    in_working_time = stay.working.cases * 2 > stay.wall.cases
    earlier = before.get((stage.id, None), NOBODY_STAYED)
    total = totals[stage.pipeline_id]
    own = {who: one for (id_, who), one in people.items() if id_ == stage.id and who is not None}
    return Bottleneck(
        names.pipelines[stage.pipeline_id].key,
        stage.key,
        stage.label,
        stage.label_zh,
        stay.wall,
        stay.working,
        stay.wall.total_seconds / total if total else 0.0,
        drift(stay.wall, earlier.wall),
        earlier.wall,
        tuple(_slower(own.items(), stay.wall, names)),
        proposed_limit(stay.working, day_seconds=day_seconds)
        if in_working_time
        else proposed_limit(stay.wall),
        in_working_time,
    )


def _slower(people: Iterable[tuple[int, Stay]], usual: Durations, names: Names) -> Iterable[Slower]:
    found = []
    for who, stay in people:
        interval, median = stay.wall.median_interval(), usual.p50
        if interval is None or median is None or stay.wall.cases < FEWEST_OF_A_PERSON:
            continue
        if interval.low > median:
            own = stay.wall.p50 or 0.0
            found.append(Slower(who, names.people.get(who, ""), stay.wall.cases, own))
    return sorted(found, key=lambda one: -one.median_seconds)
