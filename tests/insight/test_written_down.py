"""The forecast is written down once a day, and held against what came."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.insight import Question, forecast, forecast_accuracy, write_down_forecast
from tests.insight.worlds import NOW, ZONE, World, random_world

AUGUST = datetime(2026, 8, 1, 1, 0, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
async def world(store: Store) -> World:
    async with store.transaction() as session:
        return await random_world(session, 23, deals=120)


async def test_a_day_is_written_down_once(store: Store, world: World) -> None:
    assert world.deals
    first = await write_down_forecast(store, NOW, ZONE)
    assert first.lines > 10
    # ten past three in the morning of Singapore
    assert first.next_at == datetime(2026, 7, 15, 19, 10, tzinfo=UTC)
    later = NOW + timedelta(hours=3)
    assert (await write_down_forecast(store, later, ZONE)).lines == 0
    assert (await write_down_forecast(store, first.next_at, ZONE)).day == date(2026, 7, 16)
    async with store.transaction() as session:
        found = await forecast(session, SYSTEM, Question(), NOW, ZONE, months=1)
        sums = await session.execute(
            text(
                "SELECT sum(base_minor) FILTER (WHERE category <> 'closed'),"
                " sum(weighted_base_minor) FILTER (WHERE category <> 'closed'),"
                " sum(base_minor) FILTER (WHERE category = 'closed') FROM forecast_line"
                " WHERE day = '2026-07-15'"
            )
        )
        row = sums.one()
    assert row[0] == sum(one.base.amount_minor for one in found.groups)
    # a stage's owners and currencies are rounded one by one
    assert abs(row[1] - sum(one.base.weighted_minor for one in found.groups)) < 60
    assert row[2] == sum(one.base.won_minor for one in found.groups)


async def test_old_days_are_thinned_out(store: Store, world: World) -> None:
    assert world.deals
    async with store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO forecast_day (day) SELECT d::date FROM generate_series("
                "'2026-02-15'::date, '2026-07-14', INTERVAL '1 day') AS d"
            )
        )
    await write_down_forecast(store, NOW, ZONE)
    async with store.transaction() as session:
        days = [row[0] for row in await session.execute(text("SELECT day FROM forecast_day"))]
    border = date(2026, 7, 15) - timedelta(days=120)
    old = [day for day in days if day < border]
    assert old
    assert all(day.day == 1 or day.weekday() == 0 for day in old)
    assert len(days) - len(old) == 121


async def test_what_was_said_is_held_against_what_came(store: Store, world: World) -> None:
    assert world.deals
    async with store.transaction() as session:
        await session.execute(
            text("UPDATE deal SET expected_close_on = '2026-08-15' WHERE closed_at IS NULL")
        )
    await write_down_forecast(store, AUGUST, ZONE)
    async with store.transaction() as session:
        said = await session.execute(
            text(
                "SELECT sum(weighted_base_minor), sum(base_minor) FILTER (WHERE category IN"
                " ('closed', 'commit')) FROM forecast_line WHERE month = '2026-08-01'"
            )
        )
        weighted, commit = map(int, said.one())
        # everything that was meant for August is won in it
        await session.execute(
            text(
                "UPDATE deal d SET stage_id = w.id, closed_at = '2026-08-20', forecast_category ="
                " 'closed' FROM stage w WHERE w.pipeline_id = d.pipeline_id AND w.key = 'won'"
                " AND d.closed_at IS NULL AND d.expected_close_on BETWEEN '2026-08-01' AND"
                " '2026-08-31'"
            )
        )
        found = await forecast_accuracy(session, SYSTEM, Question(), SEPTEMBER, ZONE, months=3)
        team = await forecast_accuracy(
            session, SYSTEM, Question(team="East"), SEPTEMBER, ZONE, months=1
        )
        with pytest.raises(Refused, match="owner and team"):
            await forecast_accuracy(session, SYSTEM, Question(manager=1), SEPTEMBER, ZONE)
    june, july, august = found.months
    assert (june.day, july.day) == (None, None)
    assert (august.month, august.day) == ("2026-08", date(2026, 8, 1))
    assert (august.weighted_minor, august.commit_minor) == (weighted, commit)
    assert august.won_minor == august.everything_minor > august.weighted_minor
    error = (weighted - august.won_minor) / august.won_minor
    assert august.error("weighted") == error
    assert june.error("weighted") is None
    measured = found.measures["weighted"]
    assert (measured.periods, measured.bias) == (1, error)
    assert found.measures["everything"].off == 0
    assert 0 < team.months[0].everything_minor < august.everything_minor


async def test_a_month_that_was_written_down_late_is_not_counted(
    store: Store, world: World
) -> None:
    assert world.deals
    await write_down_forecast(store, AUGUST + timedelta(days=9), ZONE)
    async with store.transaction() as session:
        found = await forecast_accuracy(session, SYSTEM, Question(), SEPTEMBER, ZONE, months=1)
    assert found.months[0].day is None
    assert found.measures["weighted"].periods == 0


async def test_an_open_deal_that_is_called_closed_is_promised_and_not_won(
    store: Store, world: World
) -> None:
    assert world.deals
    async with store.transaction() as session:
        before = await forecast(session, SYSTEM, Question(), NOW, ZONE)
        await session.execute(
            text(
                "UPDATE deal SET forecast_category = 'closed' FROM stage s"
                " WHERE s.id = deal.stage_id AND s.kind = 'open'"
            )
        )
    await write_down_forecast(store, NOW, ZONE)
    async with store.transaction() as session:
        found = await session.execute(
            text(
                "SELECT sum(base_minor) FILTER (WHERE category = 'closed'),"
                " sum(base_minor) FILTER (WHERE category = 'commit'),"
                " sum(weighted_base_minor) FILTER (WHERE category = 'commit') FROM forecast_line"
            )
        )
        closed, promised, weighted = found.one()
    assert closed == sum(one.base.won_minor for one in before.groups if one.period == "2026-07")
    assert 0 < weighted < promised


async def test_a_year_is_forecast_to_its_end(store: Store, world: World) -> None:
    assert world.deals
    async with store.transaction() as session:
        whole = await forecast(session, SYSTEM, Question(period="2026"), NOW, ZONE)
        quarter = await forecast(session, SYSTEM, Question(period="2026-Q1"), NOW, ZONE)
        usual = await forecast(session, SYSTEM, Question(), NOW, ZONE)
    assert (whole.months[0], whole.months[-1], len(whole.months)) == ("2026-01", "2026-12", 12)
    assert quarter.months == ("2026-01", "2026-02", "2026-03")
    assert len(usual.months) == 6
