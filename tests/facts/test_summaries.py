"""What a contact's orders, deals and tickets come to follows them, whoever writes them and how."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import copy_rows
from crm_store.contacts import join_visitors
from crm_store.session import Store
from tests.facts.purchases import (
    NOW,
    asks,
    buys,
    people,
    pipeline,
    rate,
    run_sql,
    sells,
    summary,
)

DAY = timedelta(days=1)


async def test_orders_are_counted_and_added_up(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    await buys(session, ada, 1000, at=NOW - 10 * DAY)
    await buys(session, ada, 2001, at=NOW - 4 * DAY, status="paid")
    await buys(session, ada, 500, at=NOW, status="shipped")
    assert await summary(
        session, ada, "order_count", "total_spent_minor", "average_order_minor", "order_currency"
    ) == (3, 3501, 1167, "USD")
    assert await summary(session, ada, "first_order_at", "last_order_at") == (NOW - 10 * DAY, NOW)
    assert await summary(session, ada, "days_between_orders") == 5.0
    assert await summary(session, ada, "lifetime_value_minor") == 1000


async def test_orders_that_were_not_bought_do_not_count(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    for status in ("open", "cancelled"):
        await buys(session, ada, 1000, status=status)
    assert await summary(
        session, ada, "order_count", "total_spent_minor", "last_order_at", "lifetime_value_minor"
    ) == (0, None, None, None)


async def test_a_refund_takes_the_order_out_again(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    first = await buys(session, ada, 1000, at=NOW - DAY)
    second = await buys(session, ada, 300)
    await run_sql(session, "UPDATE \"order\" SET status = 'refunded' WHERE id = :id", id=second)
    assert await summary(
        session, ada, "order_count", "total_spent_minor", "lifetime_value_minor", "last_order_at"
    ) == (1, 1000, 1000, NOW - DAY)
    await run_sql(session, "UPDATE \"order\" SET status = 'refunded' WHERE id = :id", id=first)
    assert await summary(
        session, ada, "order_count", "total_spent_minor", "lifetime_value_minor", "last_order_at"
    ) == (0, None, 0, None)


async def test_a_deleted_first_order_makes_the_second_the_first(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    first = await buys(session, ada, 1000, at=NOW - DAY)
    await buys(session, ada, 300)
    await run_sql(session, 'DELETE FROM "order" WHERE id = :id', id=first)
    assert await summary(session, ada, "order_count", "first_order_at", "days_between_orders") == (
        1,
        NOW,
        None,
    )


async def test_an_order_that_moves_is_counted_for_its_new_owner_only(session: AsyncSession) -> None:
    ada, cleo = await people(session, 2)
    order = await buys(session, ada, 1000)
    await run_sql(
        session, 'UPDATE "order" SET contact_id = :cleo WHERE id = :id', cleo=cleo, id=order
    )
    assert await summary(session, ada, "order_count", "total_spent_minor") == (0, None)
    assert await summary(session, cleo, "order_count", "total_spent_minor") == (1, 1000)


async def test_a_visitor_who_turns_out_to_be_ada_brings_everything_along(
    session: AsyncSession,
) -> None:
    ada, visitor = await people(session, 2)
    stages = await pipeline(session)
    await buys(session, ada, 1000)
    await buys(session, visitor, 200)
    await sells(session, visitor, stages["open"], 700)
    await asks(session, visitor)
    await join_visitors(session, {visitor: ada})
    assert await summary(
        session, ada, "order_count", "total_spent_minor", "open_deal_minor", "open_ticket_count"
    ) == (2, 1200, 700, 1)
    assert await summary(session, visitor, "order_count") is None


async def test_a_contact_who_goes_takes_the_summary_along(session: AsyncSession) -> None:
    ada, cleo = await people(session, 2)
    stages = await pipeline(session)
    await buys(session, ada, 1000)
    await buys(session, cleo, 1000)
    await sells(session, ada, stages["open"], 700)
    await run_sql(session, "DELETE FROM contact WHERE id = :ada", ada=ada)
    assert await summary(session, ada, "order_count") is None
    assert await summary(session, cleo, "order_count") == 1


async def test_thousands_of_orders_by_copy_are_counted_like_one(session: AsyncSession) -> None:
    who = await people(session, 20)
    rows = [(who[number % 20], NOW, 100, "USD", "completed") for number in range(2000)]
    columns = ["contact_id", "placed_at", "total_minor", "currency", "status"]
    await copy_rows(session, "order", columns, rows)
    assert {
        await summary(session, contact, "order_count", "total_spent_minor") for contact in who
    } == {(100, 10_000)}


async def test_only_open_deals_are_added_up(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    stages = await pipeline(session)
    deal = await sells(session, ada, stages["open"], 5000)
    await sells(session, ada, stages["open"], None, None)
    await sells(session, ada, stages["won"], 9000)
    assert await summary(session, ada, "open_deal_count", "open_deal_minor") == (2, 5000)
    await run_sql(
        session, "UPDATE deal SET stage_id = :won WHERE id = :id", won=stages["won"], id=deal
    )
    assert await summary(session, ada, "open_deal_count", "open_deal_minor") == (1, None)


async def test_a_stage_that_means_something_else_moves_its_deals(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    stages = await pipeline(session)
    await sells(session, ada, stages["won"], 9000)
    await sells(session, None, stages["won"], 9000)
    await run_sql(session, "UPDATE stage SET kind = 'open' WHERE id = :id", id=stages["won"])
    assert await summary(session, ada, "open_deal_count", "open_deal_minor") == (1, 9000)


async def test_open_tickets_are_those_neither_solved_nor_closed(session: AsyncSession) -> None:
    [ada] = await people(session, 1)
    tickets = [
        await asks(session, ada, status)
        for status in ("new", "open", "pending", "on_hold", "solved", "closed")
    ]
    assert await summary(session, ada, "open_ticket_count") == 4
    await run_sql(session, "UPDATE ticket SET status = 'solved' WHERE id = :id", id=tickets[0])
    assert await summary(session, ada, "open_ticket_count") == 3


async def test_a_total_is_unknown_while_one_order_cannot_be_converted(
    session: AsyncSession,
) -> None:
    [ada] = await people(session, 1)
    await buys(session, ada, 1000)
    await buys(session, ada, 500, currency="CHF")
    columns = ("order_count", "total_spent_minor", "average_order_minor", "lifetime_value_minor")
    assert await summary(session, ada, *columns) == (2, None, None, None)
    await rate(session, "CHF", NOW.date(), "1.1")
    await run_sql(session, "UPDATE \"order\" SET total_minor = 600 WHERE currency = 'CHF'")
    assert await summary(session, ada, *columns) == (2, 1660, 830, 1660)


async def test_a_sum_beyond_what_rules_compute_with_is_absent_and_no_error(
    session: AsyncSession,
) -> None:
    [ada] = await people(session, 1)
    for _ in range(3):
        await buys(session, ada, 2**53 - 1)
    assert await summary(session, ada, "order_count", "total_spent_minor") == (3, None)


@pytest.mark.parametrize(
    ("orders", "average"), [((1, 2), 2), ((2, 3), 2), ((1, 1, 3), 2), ((-1, -2), -2), ((0,), 0)]
)
async def test_an_average_is_rounded_half_to_even(
    session: AsyncSession, orders: tuple[int, ...], average: int
) -> None:
    [ada] = await people(session, 1)
    for minor in orders:
        await buys(session, ada, minor)
    assert await summary(session, ada, "average_order_minor") == average


async def test_days_between_orders_last_24_hours_across_a_clock_change(
    session: AsyncSession,
) -> None:
    """The session's time zone puts its clocks forward in between; the days stay as long."""
    await session.execute(text("SET LOCAL TIME ZONE 'Europe/Berlin'"))
    [ada] = await people(session, 1)
    first = NOW.replace(month=3, day=28, hour=12)
    await buys(session, ada, 1, at=first)
    await buys(session, ada, 1, at=first + 2 * DAY)
    assert await summary(session, ada, "days_between_orders") == 2.0


async def test_two_writers_for_one_contact_lose_no_order(store: Store) -> None:
    async with store.transaction() as session:
        ada, cleo = await people(session, 2)

    async def writer(first: int, second: int) -> None:
        async with store.transaction() as session:
            await buys(session, first, 100)
        async with store.transaction() as session:
            await buys(session, second, 100)

    await asyncio.gather(*(writer(*((ada, cleo) if n % 2 else (cleo, ada))) for n in range(10)))
    async with store.transaction() as session:
        for who in (ada, cleo):
            assert await summary(session, who, "order_count", "total_spent_minor") == (10, 1000)


async def test_the_second_of_two_writers_sees_what_the_first_wrote(store: Store) -> None:
    """Both transactions are open at once; the second waits at the trigger of its order."""
    async with store.transaction() as session:
        [ada] = await people(session, 1)
    async with store.transaction() as first:
        await buys(first, ada, 100)

        async def second() -> None:
            async with store.transaction() as session:
                await buys(session, ada, 200)

        waiting = asyncio.create_task(second())
        while not await _somebody_waits(store):
            assert not waiting.done()
            await asyncio.sleep(0.01)
    await waiting
    async with store.transaction() as session:
        assert await summary(session, ada, "order_count", "total_spent_minor") == (2, 300)


async def _somebody_waits(store: Store) -> bool:
    async with store.transaction() as session:
        found = await session.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
        )
    return bool(found)


async def test_statements_of_many_contacts_in_any_order_do_not_lock_each_other_out(
    store: Store,
) -> None:
    async with store.transaction() as session:
        who = await people(session, 40)
    columns = ["contact_id", "placed_at", "total_minor", "currency", "status"]

    async def writer(order: list[int]) -> None:
        async with store.transaction() as session:
            await copy_rows(
                session, "order", columns, [(one, NOW, 1, "USD", "paid") for one in order]
            )

    await asyncio.gather(*(writer(who if n % 2 else who[::-1]) for n in range(8)))
    async with store.transaction() as session:
        assert {await summary(session, one, "order_count") for one in who} == {8}
