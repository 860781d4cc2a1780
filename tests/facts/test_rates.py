"""Amounts in the base currency: at the rate of their day, rounded half to even, and kept right."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import fact_borders
from crm_store.exchange_rates import base_currency
from crm_store.models import BaseState, Deal
from crm_store.session import Store
from engine.errors import NotAllowed, Refused, Unavailable
from engine.services.actor import SYSTEM, Actor
from engine.services.derived_facts import import_rates, list_rates, settle_base_currency
from engine.services.derived_facts.rates_file import read_rates
from tests.facts.purchases import (
    NOW,
    buys,
    half_even,
    in_base,
    people,
    pipeline,
    rate,
    run_sql,
    sells,
    summary,
)

TODAY = NOW.date()
DAY = timedelta(days=1)


def rates_file(folder: Path, *lines: str) -> Path:
    file = folder / "rates.csv"
    file.write_text("\n".join(("day,currency,rate", *lines)) + "\n", "utf-8")
    return file


async def test_an_amount_in_the_base_currency_needs_no_rate(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    assert await in_base(session, [await buys(session, ada, 1234)]) == [1234]


async def test_the_newest_rate_up_to_the_day_counts(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    await rate(session, "EUR", TODAY - 3 * DAY, "1.5")
    await rate(session, "EUR", TODAY, "2")
    orders = [
        await buys(session, ada, 100, currency="EUR", at=NOW - days * DAY) for days in (4, 3, 1, 0)
    ]
    assert await in_base(session, orders) == [None, 150, 150, 200]


async def test_the_day_of_an_order_is_that_of_utc(session: AsyncSession) -> None:
    """Half past midnight on 1 March in Singapore is still 29 February in UTC."""
    [ada] = await people(session, 1)
    await rate(session, "SGD", date(2024, 2, 29), "0.5")
    await rate(session, "SGD", date(2024, 3, 1), "0.9")
    await run_sql(session, "SET LOCAL TIME ZONE 'Asia/Singapore'")
    leap = datetime(2024, 2, 29, 16, 30, tzinfo=UTC)
    orders = [
        await buys(session, ada, 100, currency="SGD", at=at)
        for at in (leap, leap + timedelta(hours=7, minutes=30))
    ]
    assert await in_base(session, orders) == [50, 90]


async def test_halves_go_to_the_even_neighbour(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    await rate(session, "EUR", TODAY, "0.5")
    minors = [1, 3, 5, 7, -1, -3, 2**53 - 1]
    orders = [await buys(session, ada, minor, currency="EUR") for minor in minors]
    expected = [half_even(Decimal(minor) / 2) for minor in minors]
    assert await in_base(session, orders) == expected


async def test_currencies_of_other_decimals_are_converted_between_their_units(
    store: Store, tmp_path: Path
) -> None:
    await import_rates(
        store, SYSTEM, rates_file(tmp_path, f"{TODAY},JPY,0.0064", f"{TODAY},KWD,3.26"), "USD", NOW
    )
    async with store.transaction() as session:
        [ada] = await people(session, 1)
        yen = await buys(session, ada, 1_000, currency="JPY")
        dinar = await buys(session, ada, 1_000, currency="KWD")
        assert await in_base(session, [yen, dinar]) == [640, 326]


async def test_a_changed_total_currency_or_day_is_converted_again(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    await rate(session, "EUR", TODAY - DAY, "3")
    await rate(session, "EUR", TODAY, "2")
    order = await buys(session, ada, 100, currency="EUR")
    for change, amount in (
        ("total_minor = 150", 300),
        (f"placed_at = '{NOW - DAY}'", 450),
        ("currency = 'USD'", 150),
        ("currency = 'CHF'", None),
    ):
        await run_sql(session, f'UPDATE "order" SET {change} WHERE id = :id', id=order)
        assert await in_base(session, [order]) == [amount]


async def test_a_deal_is_converted_on_the_day_it_opened_and_then_closed(
    session: AsyncSession,
) -> None:
    stages = await pipeline(session)
    await rate(session, "EUR", TODAY - DAY, "3")
    await rate(session, "EUR", TODAY, "2")
    deal = await sells(session, None, stages["open"], 100, "EUR", opened_at=NOW - DAY)
    amount = select(Deal.amount_base_minor).where(Deal.id == deal)
    assert await session.scalar(amount) == 300
    await run_sql(session, "UPDATE deal SET closed_at = :now WHERE id = :id", now=NOW, id=deal)
    assert await session.scalar(amount) == 200


async def test_rates_that_come_later_convert_what_waited_for_them(
    store: Store, tmp_path: Path
) -> None:
    async with store.transaction() as session:
        [ada] = await people(session, 1)
        order = await buys(session, ada, 100, currency="EUR")
        older = await buys(session, ada, 100, currency="EUR", at=NOW - 9 * DAY)
        assert await summary(session, ada, "total_spent_minor") is None
    file = rates_file(tmp_path, f"{TODAY - 9 * DAY},EUR,1.10", f"{TODAY},EUR,1.20")
    report = await import_rates(store, SYSTEM, file, "USD", NOW)
    assert (report.rates, report.changed, report.rewritten) == (2, 2, 2)
    async with store.transaction() as session:
        assert await in_base(session, [older, order]) == [110, 120]
        assert await summary(session, ada, "total_spent_minor") == 230
    again = await import_rates(store, SYSTEM, file, "USD", NOW)
    assert (again.changed, again.rewritten) == (0, 0)


async def test_a_mended_rate_changes_the_days_it_is_for_and_no_others(
    store: Store, tmp_path: Path
) -> None:
    lines = [f"{TODAY - 2 * DAY},EUR,1", f"{TODAY - DAY},EUR,2", f"{TODAY},EUR,3"]
    await import_rates(store, SYSTEM, rates_file(tmp_path, *lines), "USD", NOW)
    async with store.transaction() as session:
        [ada] = await people(session, 1)
        orders = [
            await buys(session, ada, 100, currency="EUR", at=NOW - days * DAY) for days in (2, 1, 0)
        ]
    file = rates_file(tmp_path, f"{TODAY - DAY},EUR,2.5")
    assert (await import_rates(store, SYSTEM, file, "USD", NOW)).rewritten == 1
    async with store.transaction() as session:
        assert await in_base(session, orders) == [100, 250, 300]
        [newest] = await list_rates(session, SYSTEM, "USD")
    assert (newest.currency, newest.day, newest.rate, newest.days) == ("EUR", TODAY, Decimal(3), 3)


async def test_an_order_being_written_while_rates_come_in_is_not_missed(
    store: Store, tmp_path: Path
) -> None:
    """The order looked for its rate before there was one, and commits after the rates did."""
    async with store.transaction() as session:
        [ada] = await people(session, 1)
    file = rates_file(tmp_path, f"{TODAY},EUR,2")
    async with store.transaction() as writing:
        order = await buys(writing, ada, 100, currency="EUR")
        loading = asyncio.create_task(import_rates(store, SYSTEM, file, "USD", NOW))
        done, _ = await asyncio.wait({loading}, timeout=0.3)
        assert not done
    assert (await loading).rewritten == 1
    async with store.transaction() as session:
        assert await in_base(session, [order]) == [200]


async def test_rates_do_not_keep_everybody_waiting_for_a_long_import(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_borders, "_PATIENCE", "SET LOCAL lock_timeout = '50ms'")
    file = rates_file(tmp_path, f"{TODAY},EUR,2")
    async with store.transaction() as session:
        [ada] = await people(session, 1)
        await buys(session, ada, 100)
        with pytest.raises(Unavailable, match="Try again"):
            await import_rates(store, SYSTEM, file, "USD", NOW)
    assert (await import_rates(store, SYSTEM, file, "USD", NOW)).changed == 1


async def test_another_base_currency_converts_everything(store: Store, tmp_path: Path) -> None:
    async with store.transaction() as session:
        [ada] = await people(session, 1)
        stages = await pipeline(session)
        orders = [
            await buys(session, ada, 1000),
            await buys(session, ada, 300, currency="EUR"),
        ]
        await sells(session, ada, stages["open"], 500, "EUR")
        assert await summary(session, ada, "total_spent_minor", "order_currency") == (None, "USD")
    file = rates_file(tmp_path, f"{TODAY},USD,0.9")
    assert (await import_rates(store, SYSTEM, file, "EUR", NOW)).rewritten == 0
    assert await settle_base_currency(store, "EUR")
    async with store.transaction() as session:
        assert await in_base(session, orders) == [900, 300]
        assert await summary(session, ada, "total_spent_minor", "order_currency") == (1200, "EUR")
        assert await summary(session, ada, "open_deal_minor", "deal_currency") == (500, "EUR")
    assert not await settle_base_currency(store, "EUR")


async def test_a_change_of_the_base_currency_that_was_cut_off_is_finished(store: Store) -> None:
    async with store.transaction() as session:
        [ada] = await people(session, 1)
        await buys(session, ada, 300, currency="EUR")
        await run_sql(session, "UPDATE base_currency SET currency = 'EUR', state = 'rewriting'")
        await buys(session, ada, 200, currency="EUR")
        assert await summary(session, ada, "total_spent_minor", "order_currency") == (None, "EUR")
    assert await settle_base_currency(store, "EUR")
    async with store.transaction() as session:
        assert await summary(session, ada, "total_spent_minor") == 500
        assert (await base_currency(session)).state is BaseState.SETTLED


REFUSED: Sequence[tuple[str, str, str]] = (
    ("2026-02-29,EUR,1", "line 2, day", "not_a_date"),
    (f"{TODAY},Euro,1", "line 2, currency", "unknown_currency"),
    (f"{TODAY},EUR,0", "line 2, rate", "not_positive"),
    (f"{TODAY},EUR,one", "line 2, rate", "not_a_number"),
    (f"{TODAY},EUR,1.{'1' * 30}", "line 2, rate", "too_exact"),
    (f"{TODAY},USD,1", "line 2, currency", "base_currency"),
    (f"{TODAY},EUR,1\n{TODAY},EUR,2", "line 3", "twice"),
)


@pytest.mark.parametrize(("line", "place", "code"), REFUSED, ids=[one[2] for one in REFUSED])
def test_a_rate_that_cannot_be_one_is_refused_with_its_place(
    tmp_path: Path, line: str, place: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_rates(rates_file(tmp_path, line), "USD")
    [problem] = refused.value.problems
    assert (problem.place, problem.code) == (place, code)


def test_every_mistake_of_a_file_comes_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_rates(rates_file(tmp_path, *(one[0] for one in REFUSED[:4])), "USD")
    assert [problem.place for problem in refused.value.problems] == [
        "line 2, day",
        "line 3, currency",
        "line 4, rate",
        "line 5, rate",
    ]


async def test_who_may_not_import_orders_may_not_load_rates(store: Store, tmp_path: Path) -> None:
    cleo = Actor("user", 3, "Cleo", "viewer")
    with pytest.raises(NotAllowed):
        await import_rates(store, cleo, rates_file(tmp_path, f"{TODAY},EUR,1"), "USD", NOW)
