"""Figures equal what a plain count over the same deals gives."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from statistics import median, quantiles

import pytest

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.local_time import local_date
from engine.services.actor import SYSTEM, Actor
from engine.services.insight.aging import BORDERS_DAYS, aging
from engine.services.insight.asking import Question
from engine.services.insight.bottlenecks import bottlenecks
from engine.services.insight.chances import FEWEST_DECIDED
from engine.services.insight.conversion import conversion
from engine.services.insight.forecast import forecast
from engine.services.insight.performance import performance
from tests.insight.worlds import NOW, STAGES, ZONE, Sold, World

Sales = tuple[Store, World]
PERCENT = {name: percent for name, _, percent, _ in STAGES}
RANK = {"lead": 0, "offer": 1, "signing": 2, "won": 99, "lost": -1}
QUESTIONS = (
    Question(),
    Question(pipeline="direct"),
    Question(team="East"),
    Question(owner=4, pipeline="partner"),
    Question(manager=1, since=date(2026, 1, 1)),
    Question(period="2026-Q1"),
    Question(pipeline="direct", since=date(2025, 9, 1), until=date(2026, 3, 1)),
)


def meant(world: World, question: Question) -> Iterator[Sold]:
    for deal in world.deals:
        if (
            question.pipeline in (None, deal.pipeline)
            and question.owner in (None, deal.owner)
            and question.team in (None, world.team(deal))
            and question.manager in (None, world.manager(deal))
        ):
            yield deal


def within(at: datetime | None, question: Question) -> bool:
    since, until = question.days()
    if at is None:
        return False
    day = local_date(at, ZONE)
    return (since is None or day >= since) and (until is None or day < until)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_conversion_is_what_a_plain_count_gives(sales: Sales, question: Question) -> None:
    store, world = sales
    async with store.transaction() as session:
        found = await conversion(session, SYSTEM, question, ZONE)
    shown = {(one.pipeline, one.stage): one for one in found.stages}
    for pipeline in ("direct", "partner"):
        if question.pipeline not in (None, pipeline):
            continue
        for stage in ("lead", "offer", "signing"):
            counted: Counter[str] = Counter()
            for deal in meant(world, question):
                place = deal.first_visit(stage)
                if deal.pipeline != pipeline or place is None:
                    continue
                if not within(deal.stays[place].entered_at, question):
                    continue
                later = max((RANK[one.stage] for one in deal.stays[place + 1 :]), default=-2)
                advanced = later > RANK[stage]
                counted["entered"] += 1
                counted["advanced"] += advanced
                counted["dropped"] += not advanced and deal.stage == "lost"
                counted["won"] += deal.stage == "won"
                counted["lost"] += deal.stage == "lost"
            one = shown[pipeline, stage]
            names = ("entered", "advanced", "dropped", "won", "lost")
            assert {name: getattr(one, name) for name in names} == {n: counted[n] for n in names}
            assert one.waiting == one.entered - one.advanced - one.dropped >= 0
    moves = Counter(
        (deal.pipeline, before.stage if before else None, stay.stage)
        for deal in meant(world, question)
        for before, stay in zip([None, *deal.stays], deal.stays, strict=False)
        if within(stay.entered_at, question)
    )
    assert {(o.pipeline, o.from_stage, o.to_stage): o.moves for o in found.passages} == moves


@pytest.mark.parametrize("question", QUESTIONS)
async def test_time_on_a_stage_is_what_a_plain_sort_gives(sales: Sales, question: Question) -> None:
    store, world = sales
    until = question.days()[1]
    now = NOW if until is None else datetime(until.year, until.month, until.day, tzinfo=UTC)
    dated = question if question.days()[0] else replace(question, since=date(2025, 6, 1))
    async with store.transaction() as session:
        found = await bottlenecks(session, SYSTEM, dated, now, ZONE, day_seconds=28_800)
    walls: dict[tuple[str, str], list[float]] = defaultdict(list)
    works: dict[tuple[str, str], list[float]] = defaultdict(list)
    for deal in meant(world, dated):
        for stay in deal.stays:
            if stay.left_at and stay.stage not in ("won", "lost") and within(stay.left_at, dated):
                key = deal.pipeline, stay.stage
                walls[key].append((stay.left_at - stay.entered_at).total_seconds())
                if stay.working_seconds is not None:
                    works[key].append(float(stay.working_seconds))
    assert {(one.pipeline, one.stage) for one in found} == set(walls)
    totals: dict[str, float] = defaultdict(float)
    for (pipeline, _), values in walls.items():
        totals[pipeline] += sum(values)
    for one in found:
        key = one.pipeline, one.stage
        assert one.wall.cases == len(walls[key])
        assert one.wall.p50 == pytest.approx(median(walls[key]))
        assert one.working.cases == len(works[key])
        if len(walls[key]) > 1:
            quarters = quantiles(walls[key], n=20, method="inclusive")
            assert one.wall.p75 == pytest.approx(quarters[14])
            assert one.wall.p90 == pytest.approx(quarters[17])
        assert one.share == pytest.approx(sum(walls[key]) / totals[one.pipeline])
        assert (one.proposed is None) == (
            (one.working if one.in_working_time else one.wall).cases < 20
        )
    for pipeline in totals:
        assert sum(o.share for o in found if o.pipeline == pipeline) == pytest.approx(1)


@pytest.mark.parametrize("by", ["owner", "manager", "team", "pipeline", "all"])
@pytest.mark.parametrize("question", [QUESTIONS[0], QUESTIONS[2], QUESTIONS[6]])
async def test_performance_is_what_a_plain_count_gives(
    sales: Sales, question: Question, by: str
) -> None:
    store, world = sales
    async with store.transaction() as session:
        found = await performance(session, SYSTEM, question, ZONE, by=by)
    groups: dict[object, list[Sold]] = defaultdict(list)
    for deal in meant(world, question):
        key = {
            "owner": deal.owner,
            "manager": world.manager(deal),
            "team": world.team(deal),
            "pipeline": deal.pipeline,
            "all": None,
        }[by]
        groups[key].append(deal)
    for one in found.items:
        key = one.key_id if by in ("owner", "manager") else one.key
        deals = groups.pop(key.lower() if by == "pipeline" and isinstance(key, str) else key)
        won = [d for d in deals if d.stage == "won" and within(d.closed_at, question)]
        lost = [d for d in deals if d.stage == "lost" and within(d.closed_at, question)]
        assert (one.won, one.lost) == (len(won), len(lost))
        assert one.open == sum(d.is_open for d in deals)
        assert one.base_minor == sum(d.base_minor or 0 for d in won)
        assert one.without_rate == sum(d.currency == "EUR" for d in won)
        sums: Counter[str] = Counter()
        for d in won:
            if d.currency:
                sums[d.currency] += d.amount_minor or 0
        assert {m.currency: m.amount_minor for m in one.money} == sums
        took = [(d.closed_at - d.opened_at).total_seconds() for d in won if d.closed_at]
        assert one.cycle.cases == len(took)
        assert one.cycle.p50 == (pytest.approx(median(took)) if took else None)
        assert one.win_rate == (len(won) / (len(won) + len(lost)) if won or lost else None)
    assert all(
        not any(d.is_open or within(d.closed_at, question) for d in rest)
        for rest in groups.values()
    )


@pytest.mark.parametrize("by", ["all", "owner", "team", "category", "pipeline", "stage"])
@pytest.mark.parametrize(
    "question", [Question(), Question(pipeline="direct"), Question(team="East")]
)
async def test_the_forecast_is_what_a_plain_sum_gives(
    sales: Sales, question: Question, by: str
) -> None:
    store, world = sales
    async with store.transaction() as session:
        found = await forecast(session, SYSTEM, question, NOW, ZONE, by=by, months=4)
    assert found.months == ("2026-07", "2026-08", "2026-09", "2026-10")
    measured = _measured(world, question)
    for chance in found.chances:
        won, decided = measured[chance.pipeline, chance.stage]
        assert (chance.won, chance.decided) == (won, decided)
    amount: Counter[tuple[str, str | None]] = Counter()
    weighted: Counter[str] = Counter()
    by_history: Counter[str] = Counter()
    won_sum: Counter[tuple[str, str | None]] = Counter()
    for deal in meant(world, question):
        period = _period(deal)
        if period is None:
            continue
        if deal.stage == "won":
            won_sum[period, deal.currency] += deal.amount_minor or 0
        elif deal.is_open:
            base = deal.base_minor or 0
            amount[period, deal.currency] += deal.amount_minor or 0
            weighted[period] += Fraction(base * PERCENT[deal.stage], 100)  # type: ignore[assignment]
            won, decided = measured[deal.pipeline, deal.stage]
            likely = Fraction(won, decided) if decided >= FEWEST_DECIDED else None
            usual = Fraction(PERCENT[deal.stage], 100)
            by_history[period] += base * (usual if likely is None else likely)  # type: ignore[assignment]
    shown: Counter[tuple[str, str | None]] = Counter()
    shown_won: Counter[tuple[str, str | None]] = Counter()
    shown_weighted: Counter[str] = Counter()
    shown_measured: Counter[str] = Counter()
    for group in found.groups:
        for money in group.amounts:
            shown[group.period, money.currency] += money.amount_minor
            shown_won[group.period, money.currency] += money.won_minor
        shown_weighted[group.period] += group.base.weighted_minor
        shown_measured[group.period] += group.base.measured_minor
    assert +shown == +amount
    assert +shown_won == +won_sum
    for period in weighted:
        # each cell is rounded once, by half a cent at most
        assert abs(shown_weighted[period] - weighted[period]) < 60
        assert abs(shown_measured[period] - by_history[period]) < 60


def _period(deal: Sold) -> str | None:
    months = ("2026-07", "2026-08", "2026-09", "2026-10")
    if deal.stage == "won":
        assert deal.closed_at is not None
        name = f"{local_date(deal.closed_at, ZONE):%Y-%m}"
        return name if name in months else None
    if deal.expected is None:
        return "undated"
    name = f"{deal.expected:%Y-%m}"
    if name in months:
        return name
    return "overdue" if name < "2026-07" else "later"


def _measured(world: World, question: Question) -> dict[tuple[str, str], tuple[int, int]]:
    found = {}
    for pipeline in ("direct", "partner"):
        for stage in ("lead", "offer", "signing"):
            closed = [
                deal
                for deal in world.deals
                if deal.pipeline == pipeline
                and deal.closed_at
                and NOW - timedelta(days=365) <= deal.closed_at < NOW
                and deal.first_visit(stage) is not None
            ]
            won = sum(deal.stage == "won" for deal in closed)
            found[pipeline, stage] = (won, len(closed))
    return found


@pytest.mark.parametrize(
    "question", [Question(), Question(manager=1), Question(pipeline="partner")]
)
async def test_open_deals_age_as_they_stand(sales: Sales, question: Question) -> None:
    store, world = sales
    async with store.transaction() as session:
        found = await aging(session, SYSTEM, question, NOW, ZONE, limit=10)
    counted: Counter[tuple[str, str, int]] = Counter()
    still = [deal for deal in meant(world, question) if deal.is_open]
    for deal in still:
        days = (NOW - deal.stays[-1].entered_at) / timedelta(days=1)
        place = sum(days >= border for border in BORDERS_DAYS)
        counted[deal.pipeline, deal.stage, place] += 1
    shown = {
        (stage.pipeline, stage.stage, place): bucket.deals
        for stage in found.stages
        for place, bucket in enumerate(stage.buckets)
        if bucket.deals
    }
    assert shown == counted
    oldest = sorted(still, key=lambda deal: (deal.stays[-1].entered_at, deal.id))[:10]
    assert [one.deal_id for one in found.deals] == [deal.id for deal in oldest]
    assert all(
        one.in_stage == NOW - d.stays[-1].entered_at
        for one, d in zip(found.deals, oldest, strict=True)
    )


async def test_questions_that_cannot_be_answered_are_refused(sales: Sales) -> None:
    store, _ = sales
    nobody = Actor("key", 1, "a key")
    async with store.transaction() as session:
        with pytest.raises(NotFound, match="There are: direct, partner"):
            await conversion(session, SYSTEM, Question(pipeline="nowhere"), ZONE)
        with pytest.raises(NotFound, match="no team"):
            await performance(session, SYSTEM, Question(team="North"), ZONE)
        with pytest.raises(NotFound, match="no user 99"):
            await performance(session, SYSTEM, Question(owner=99), ZONE)
        with pytest.raises(Refused, match="/by"):
            await performance(session, SYSTEM, Question(), ZONE, by="weather")
        with pytest.raises(Refused, match="/months"):
            await forecast(session, SYSTEM, Question(), NOW, ZONE, by="mood", months=99)
        for period in ("2026-Q5", "2026-13", "26", "9999", "2026-1"):
            with pytest.raises(Refused, match="/period"):
                await conversion(session, SYSTEM, Question(period=period), ZONE)
        with pytest.raises(Refused, match="/until"):
            late = Question(since=date(2026, 2, 1), until=date(2026, 2, 1))
            await conversion(session, SYSTEM, late, ZONE)
        with pytest.raises(NotAllowed):
            await aging(session, nobody, Question(), NOW, ZONE)
