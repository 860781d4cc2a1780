"""Requests of the release before go on as chains of one level, and back again."""

from __future__ import annotations

import asyncio

from crm_store import migrate
from crm_store.session import Store
from tests.driving.house import furnished
from tests.driving.test_approvals import APPROVE
from tests.driving.world import CrashingStore

BEFORE = "2026_11_22_1170"
OLD = "SELECT id, node, visit, approver_ids, decision, decided_by_id, comment FROM approval_request"


async def test_a_run_that_waits_since_the_release_before_is_answered(database_url: str) -> None:
    store = Store(database_url)
    house = await furnished(store)
    await house.begin(APPROVE.replace("FROM", "manager"), people=3)
    first, second, third = [request.id for request in await house.requests()]
    await house.decide("eve", second, "reject", comment="no")
    await store.close()
    await asyncio.to_thread(migrate.downgrade, database_url, BEFORE)

    store = Store(database_url)
    house.world.store = CrashingStore(store)
    eve = house.ids["eve"]
    assert sorted(await house.world.rows(OLD)) == [
        (first, "ask", 1, [eve], None, None, None),
        (second, "ask", 1, [eve], "rejected", eve, "no"),
        (third, "ask", 1, [eve], None, None, None),
    ]
    await store.close()
    await asyncio.to_thread(migrate.upgrade, database_url)

    house.world.store = CrashingStore(Store(database_url))
    house.world.parts = house.world.new_worker("after")
    try:
        open_ones = await house.requests("eve", mine=True)
        assert [(one.id, one.status) for one in open_ones] == [(first, "open"), (third, "open")]
        await house.decide("eve", first, "approve")
        assert sorted(map(str, await house.outcomes())) == ["None", "approved", "rejected"]
        await house.later(days=2)
        assert sorted(map(str, await house.outcomes())) == ["approved", "late", "rejected"]
        states = await house.world.rows("SELECT id, status FROM approval_request ORDER BY id")
        assert states == [(first, "approved"), (second, "rejected"), (third, "timed_out")]
        assert await house.world.rows("SELECT count(*) FROM clock") == [(0,)]
    finally:
        await house.world.store.store.close()
