"""Scores of 1 to 5 against all customers, equal for equals, and the band they fall into."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import copy_rows
from crm_store.models import ContactSummary, RfmBorders
from crm_store.session import Store
from engine.rules.standard_facts.rfm import BANDS, band_of
from engine.services.derived_facts import care_for_facts, recompute_rfm
from engine.services.derived_facts.care import next_night
from tests.facts.own_rfm import own_band, own_bands, own_scores
from tests.facts.purchases import NOW, buys, people, run_sql, summary

DAY = timedelta(days=1)
COLUMNS = ["contact_id", "placed_at", "total_minor", "currency", "status"]
SCORES = ("recency_score", "frequency_score", "monetary_score", "rfm_band")


def test_a_band_is_the_same_in_documents_and_in_this_grid() -> None:
    for scores in itertools.product(range(1, 6), range(1, 6), (None, *range(1, 6))):
        assert band_of(*scores) == own_band(*scores), scores


async def test_a_band_is_the_same_in_the_database_and_in_documents(session: AsyncSession) -> None:
    rows = await session.execute(
        text(
            "SELECT r, f, m, rfm_band(r::smallint, f::smallint, m::smallint)"
            " FROM generate_series(1, 5) r, generate_series(1, 5) f,"
            " (SELECT generate_series(1, 5) AS m UNION ALL SELECT NULL) m"
        )
    )
    found = rows.all()
    assert len(found) == 150
    for recency, frequency, monetary, band in found:
        assert band == band_of(recency, frequency, monetary)
    assert {row[3] for row in found} == {band.name for band in BANDS}


async def many_customers(store: Store, dice: random.Random, count: int) -> list[int]:
    """Orders with many ties: few amounts, few days, mostly one order each."""
    async with store.transaction() as session:
        who = await people(session, count)
        rows = [
            (
                one,
                NOW - dice.randint(0, 9) * DAY,
                dice.choice((0, 100, 100, 250, 999)),
                "USD",
                dice.choice(("paid", "completed", "cancelled", "shipped")),
            )
            for one in who
            for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 7)))
        ]
        await copy_rows(session, "order", COLUMNS, rows)
    return who


async def scored(store: Store) -> dict[int, tuple[int, int, int, str]]:
    columns = [ContactSummary.__table__.c[name] for name in SCORES]
    async with store.transaction() as session:
        rows = await session.execute(select(ContactSummary.contact_id, *columns))
        return {row[0]: tuple(row[1:]) for row in rows if row[1] is not None}


async def purchases(store: Store) -> Mapping[int, list[tuple[datetime, int]]]:
    found: dict[int, list[tuple[datetime, int]]] = {}
    async with store.transaction() as session:
        rows = await session.execute(
            text(
                'SELECT contact_id, placed_at, total_minor FROM "order"'
                " WHERE status IN ('paid', 'shipped', 'completed')"
            )
        )
        for contact, at, minor in rows:
            found.setdefault(contact, []).append((at, minor))
    return found


@pytest.mark.parametrize("count", [1, 2, 4, 7, 400])
async def test_scores_and_bands_agree_with_a_plain_computation(store: Store, count: int) -> None:
    await many_customers(store, random.Random(count), count)
    result = await recompute_rfm(store, NOW)
    bought = await purchases(store)
    assert result.customers == len(bought)
    assert {who: one[3] for who, one in (await scored(store)).items()} == own_bands(bought)
    again = await recompute_rfm(store, NOW)
    assert (again.customers, again.changed) == (len(bought), 0)


async def test_equal_customers_get_equal_scores(store: Store) -> None:
    async with store.transaction() as session:
        who = await people(session, 9)
        for one in who:
            await buys(session, one, 500)
    await recompute_rfm(store, NOW)
    assert set((await scored(store)).values()) == {(1, 1, 1, "lost")}


async def test_own_orders_are_scored_at_once_by_the_borders_there_are(store: Store) -> None:
    async with store.transaction() as session:
        who = await people(session, 6)
        for place, one in enumerate(who[:5]):
            for _ in range(place + 1):
                await buys(session, one, 100, at=NOW - (5 - place) * DAY)
    await recompute_rfm(store, NOW)
    async with store.transaction() as session:
        assert await summary(session, who[0], *SCORES) == (1, 1, 1, "lost")
        assert await summary(session, who[5], *SCORES) is None
        await buys(session, who[5], 10_000)
        assert await summary(session, who[5], *SCORES) == (5, 1, 5, "new")
        await run_sql(session, "UPDATE \"order\" SET status = 'refunded'")
        assert await summary(session, who[5], *SCORES) == (None, None, None, None)


async def test_before_the_first_measurement_nobody_has_a_score(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    await buys(session, ada, 100)
    assert await summary(session, ada, *SCORES) == (None, None, None, None)


async def test_unknown_spending_has_no_score_and_counts_as_not_high(store: Store) -> None:
    async with store.transaction() as session:
        who = await people(session, 5)
        for place, one in enumerate(who):
            for _ in range(place + 1):
                await buys(session, one, 100, at=NOW + place * DAY)
        await buys(session, who[4], 100, currency="CHF", at=NOW + 4 * DAY)
    await recompute_rfm(store, NOW)
    async with store.transaction() as session:
        assert await summary(session, who[4], *SCORES) == (5, 5, None, "loyal")
        assert await summary(session, who[3], *SCORES) == (4, 4, 4, "champion")


async def test_borders_are_kept_with_their_day(store: Store) -> None:
    await many_customers(store, random.Random(1), 50)
    late = datetime(2028, 2, 29, 20, tzinfo=UTC)
    await recompute_rfm(store, late, "Asia/Singapore")
    await recompute_rfm(store, late + timedelta(hours=1), "Asia/Singapore")
    await recompute_rfm(store, late - timedelta(hours=5), "Asia/Singapore")
    async with store.transaction() as session:
        days = (await session.scalars(select(RfmBorders.day).order_by(RfmBorders.day))).all()
        newest = await session.scalar(select(RfmBorders).order_by(RfmBorders.day.desc()).limit(1))
    assert [day.isoformat() for day in days] == ["2028-02-29", "2028-03-01"]
    assert newest is not None
    assert newest.frequency == sorted(newest.frequency or [])
    assert len(newest.recency or []) == 4


async def test_an_order_being_written_while_borders_move_is_scored_by_the_new_ones(
    store: Store,
) -> None:
    async with store.transaction() as session:
        who = await people(session, 6)
        for place, one in enumerate(who[:5]):
            await buys(session, one, 100 * place, at=NOW - place * DAY)
    await recompute_rfm(store, NOW - DAY)
    async with store.transaction() as session:
        for one in who[:5]:
            await buys(session, one, 5000)
    async with store.transaction() as writing:
        await buys(writing, who[5], 700)
        moving = asyncio.create_task(recompute_rfm(store, NOW))
        done, _ = await asyncio.wait({moving}, timeout=0.3)
        assert not done
    await moving
    async with store.transaction() as session:
        borders = await session.scalar(select(RfmBorders).order_by(RfmBorders.day.desc()).limit(1))
        assert borders is not None
        assert borders.monetary is not None
        expected = 1 + sum(border < 700 for border in borders.monetary)
        assert await summary(session, who[5], "monetary_score") == expected == 1


def test_a_score_is_one_more_than_the_borders_below() -> None:
    assert own_scores({who: who for who in range(1, 11)}) == {
        who: (who + 1) // 2 for who in range(1, 11)
    }


@pytest.mark.parametrize(
    ("now", "night"),
    [
        # the clock in Berlin jumps from two to three that night
        ("2026-03-28T12:00", "2026-03-29T01:30"),
        ("2026-03-29T01:30", "2026-03-30T01:30"),
        # and falls back from three to two that night
        ("2026-10-24T12:00", "2026-10-25T02:30"),
        ("2028-02-28T12:00", "2028-02-29T02:30"),
    ],
)
def test_the_night_is_half_past_three_on_the_wall_clock(now: str, night: str) -> None:
    def utc(words: str) -> datetime:
        return datetime.fromisoformat(words).replace(tzinfo=UTC)

    assert next_night(utc(now), "Europe/Berlin") == utc(night)


async def test_care_measures_at_night_and_after_many_orders_and_not_in_between(
    store: Store,
) -> None:
    first = await care_for_facts(store, "USD", NOW, "UTC")
    assert first.next_at == NOW.replace(hour=3, minute=30) + DAY
    await many_customers(store, random.Random(2), 100)
    assert (await care_for_facts(store, "USD", NOW, "UTC")).rescored > 50
    async with store.transaction() as session:
        [late] = await people(session, 1)
        await buys(session, late, 1, at=NOW - 500 * DAY)
    assert (await care_for_facts(store, "USD", NOW, "UTC")).rescored == 0
    async with store.transaction() as session:
        assert await session.scalar(select(RfmBorders.day)) == NOW.date()
    await care_for_facts(store, "USD", first.next_at, "UTC")
    async with store.transaction() as session:
        days = (await session.scalars(select(RfmBorders.day).order_by(RfmBorders.day))).all()
    assert days == [NOW.date(), (NOW + DAY).date()]
