"""The public data set of 8,800 opportunities, or one of its shape: imported, measured, replayed.

Every expected figure is counted from the files alone, with csv and statistics.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from engine.services.imports import Fate, ImportOrder, import_file, load_mapping
from engine.services.insight import Question, bottlenecks, conversion, performance
from engine.services.insight.trial import try_pipeline
from tests.clock import Clock
from tests.imports.conftest import SHIPPED
from tests.imports.samples import Sample, made_sample, real_sample

TEMPLATES = SHIPPED.parent
DEFINITIONS = ("escalations/stuck_deal.yaml", "pipelines/opportunities.yaml")
ROTS_AFTER = timedelta(days=60)


@dataclass(frozen=True)
class Line:
    """An opportunity as the file has it."""

    id: str
    agent: str
    manager: str
    team: str
    stage: str
    engaged: date | None
    closed: date | None
    value: int

    @property
    def days(self) -> int:
        assert self.engaged is not None
        assert self.closed is not None
        return (self.closed - self.engaged).days


def read_lines(folder: Path) -> list[Line]:
    with (folder / "sales_teams.csv").open(encoding="utf-8-sig") as file:
        teams = {one["sales_agent"]: one for one in csv.DictReader(file)}
    with (folder / "sales_pipeline.csv").open(encoding="utf-8-sig") as file:
        return [_line(one, teams[one["sales_agent"]]) for one in csv.DictReader(file)]


def _line(one: dict[str, str], team: dict[str, str]) -> Line:
    return Line(
        one["opportunity_id"],
        one["sales_agent"],
        team["manager"],
        team["regional_office"],
        one["deal_stage"],
        _day(one["engage_date"]),
        _day(one["close_date"]),
        int(one["close_value"] or 0),
    )


def _day(value: str) -> date | None:
    return datetime.strptime(value, "%m/%d/%Y").replace(tzinfo=UTC).date() if value else None


def as_it_stood(folder: Path, target: Path) -> Path:
    """The file before anything was closed: what is won or lost now was still being engaged."""
    with (folder / "sales_pipeline.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["close_date"]:
            row |= {"deal_stage": "Engaging", "close_date": "", "close_value": ""}
    path = target / "as_it_stood.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(params=["made", "real"])
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Sample:
    if request.param == "made":
        return made_sample(tmp_path)
    found = real_sample()
    if found is None:
        pytest.skip("the public data sets are not beside the repository")
    return found


async def bring_in(store: Store, sample: Sample, clock: Clock, folder: Path) -> None:
    """Twice, as a company does that hears of closings later: so each deal has a past."""
    files = (
        ("crm_sales_teams", sample.crm / "sales_teams.csv"),
        ("crm_sales_accounts", sample.crm / "accounts.csv"),
        ("crm_sales_products", sample.crm / "products.csv"),
        ("crm_sales_pipeline", as_it_stood(sample.crm, folder)),
        ("crm_sales_pipeline", sample.crm / "sales_pipeline.csv"),
    )
    for mapping, path in files:
        order = ImportOrder(path, mapping=load_mapping(SHIPPED / f"{mapping}.yaml"))
        report = await import_file(store, SYSTEM, order, clock.now)
        assert not report.count(Fate.REJECTED), report.first_problems
    async with store.transaction() as session:
        for name in DEFINITIONS:
            draft = read_definition((TEMPLATES / name).read_text("utf-8"), name)
            await publish(session, SYSTEM, draft, now=clock.now())


async def test_figures_of_the_opportunities_agree_with_the_files(
    store: Store, sample: Sample, clock: Clock, tmp_path: Path
) -> None:
    await bring_in(store, sample, clock, tmp_path)
    lines = read_lines(sample.crm)
    await every_open_deal_has_its_clock(store, lines)
    await performance_agrees(store, lines)
    await conversion_agrees(store, lines)
    await time_on_the_stage_agrees(store, lines, clock)
    await the_last_quarter_played_again(store, lines)


async def every_open_deal_has_its_clock(store: Store, lines: list[Line]) -> None:
    still = [one for one in lines if one.closed is None]
    async with store.transaction() as session:
        clocks = await session.scalar(
            text(
                "SELECT count(*) FROM clock c JOIN deal d ON d.id = c.entity_id JOIN stage s"
                " ON s.id = d.stage_id WHERE c.kind = 'deal' AND s.kind = 'open'"
                " AND c.due_at IS NOT NULL"
            )
        )
        others = await session.scalar(text("SELECT count(*) FROM clock WHERE kind = 'deal'"))
    assert clocks == others == len(still)


async def performance_agrees(store: Store, lines: list[Line]) -> None:
    by: dict[str, Callable[[Line], str]] = {
        "owner": lambda one: one.agent,
        "manager": lambda one: one.manager,
        "team": lambda one: one.team,
    }
    for name, key in by.items():
        async with store.transaction() as session:
            found = await performance(session, SYSTEM, Question(), "UTC", by=name)
        groups: dict[str, list[Line]] = defaultdict(list)
        for one in lines:
            groups[key(one)].append(one)
        assert {one.key for one in found.items} == set(groups)
        for shown in found.items:
            own = groups[shown.key or ""]
            won = [one for one in own if one.stage == "Won"]
            lost = [one for one in own if one.stage == "Lost"]
            assert (shown.won, shown.lost) == (len(won), len(lost))
            assert shown.open == len(own) - len(won) - len(lost)
            assert shown.base_minor == 100 * sum(one.value for one in won)
            rate = len(won) / (len(won) + len(lost)) if won or lost else None
            assert shown.win_rate == (None if rate is None else pytest.approx(rate))
            if won:
                assert shown.cycle.p50 == pytest.approx(86_400 * median(o.days for o in won))
                mean = sum(one.days for one in won) / len(won)
                assert shown.cycle.mean == pytest.approx(86_400 * mean)
                average = 100 * sum(one.value for one in won) / len(won)
                assert shown.money[0].average_minor == round(average)


async def conversion_agrees(store: Store, lines: list[Line]) -> None:
    async with store.transaction() as session:
        found = await conversion(session, SYSTEM, Question(pipeline="opportunities"), "UTC")
    prospecting, engaging = found.stages
    counted = Counter(one.stage for one in lines)
    assert (prospecting.stage, prospecting.entered) == ("prospecting", counted["Prospecting"])
    assert engaging.entered == counted["Won"] + counted["Lost"] + counted["Engaging"]
    assert (engaging.advanced, engaging.dropped) == (counted["Won"], counted["Lost"])
    assert engaging.waiting == counted["Engaging"]


async def time_on_the_stage_agrees(store: Store, lines: list[Line], clock: Clock) -> None:
    closed = [one for one in lines if one.closed is not None]
    since = min(one.closed for one in closed if one.closed)
    asked = Question(pipeline="opportunities", since=since)
    async with store.transaction() as session:
        (engaging,) = await bottlenecks(
            session, SYSTEM, asked, clock.now(), "UTC", day_seconds=28_800
        )
    assert engaging.wall.cases == len(closed)
    assert engaging.wall.p50 == pytest.approx(86_400 * median(one.days for one in closed))
    assert engaging.share == 1
    assert engaging.proposed is not None
    assert engaging.proposed.kept >= 0.75


async def the_last_quarter_played_again(store: Store, lines: list[Line]) -> None:
    """Clocks begin with the quarter; a deal rots when it stands for so long within it."""
    last = max(one.closed for one in lines if one.closed)
    start = _midnight(last - timedelta(days=91))
    until = start + timedelta(days=91)
    async with store.transaction() as session:
        trial = await try_pipeline(session, SYSTEM, "opportunities", start, until - start, "UTC")
    expected, courses = {}, 0
    for one in lines:
        if one.engaged is None or one.stage == "Prospecting":
            continue
        begins = max(_midnight(one.engaged), start)
        ends = min(_midnight(one.closed), until) if one.closed else until
        if begins >= until or (one.closed and _midnight(one.closed) <= start):
            continue
        courses += 1
        if begins + ROTS_AFTER < ends:
            expected[one.id] = begins + ROTS_AFTER
    async with store.transaction() as session:
        rows = await session.execute(text("SELECT id, external_id FROM deal"))
        names = {row[0]: row[1] for row in rows}
    rotten = {names[one.deal_id]: one for one in trial.report.rotten() if one.stage == "engaging"}
    assert trial.report.deals == courses
    assert {id_: one.first_at for id_, one in rotten.items()} == expected
    managers = {one.agent: one.manager for one in lines}
    agents = {one.id: one.agent for one in lines}
    for id_, seen in rotten.items():
        told = [trial.people[person] for person in seen.told]
        assert told[0] == agents[id_]
        assert set(told) <= {agents[id_], managers[agents[id_]]}
        if seen.highest_level >= 2:
            assert managers[agents[id_]] in told
    assert any(seen.highest_level >= 2 for seen in rotten.values())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
