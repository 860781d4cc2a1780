"""People who stand on a paused node are moved like others, and keep their time."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.pauses import put_off_by_pause
from crm_store.runs import StandingRow, lock_runs
from engine.services.version_moves import moving
from tests.driving.world import World
from tests.run_care.test_paused_nodes import pause, resume
from tests.versions.moving import begin, carry_out, move, page, plan_for, undo
from tests.versions.test_moving import LONGER, resting

TIMES = "SELECT due_at, paused_due FROM run ORDER BY id"


async def test_who_is_due_at_a_paused_node_waits_for_the_new_time(world: World) -> None:
    began = world.now
    await resting(world)
    await pause(world, "moved", "rest")
    world.now += timedelta(days=3)
    await world.until_quiet("moved")
    assert await world.rows(TIMES) == [(None, began + timedelta(days=3))]
    await world.publish(LONGER)
    move_id = await move(world, "moved", 1, 2)
    assert await world.rows(TIMES) == [(began + timedelta(days=5), None)]
    await undo(world, move_id)
    await world.until_quiet("moved")
    await resume(world, "moved", "rest")
    assert await world.rows(TIMES) == [(began + timedelta(days=3), None)]


async def test_who_is_put_off_while_the_page_begins_keeps_no_old_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = world.now
    await resting(world)
    await world.publish(LONGER)
    move_id = await begin(world, await plan_for(world, "moved", 1, 2))

    async def late(session: AsyncSession, ids: Collection[int]) -> list[StandingRow]:
        async with world.store.store.transaction() as other:
            await put_off_by_pause(other, list(ids))
        return await lock_runs(session, ids)

    monkeypatch.setattr(moving, "lock_runs", late)
    await carry_out(world, move_id)
    await resume(world, "moved", "rest")
    assert await world.rows(TIMES) == [(began + timedelta(days=5), None)]


async def test_a_page_takes_its_runs_in_one_order(world: World) -> None:
    """Whoever waits for a run with a small number holds none with a greater one."""
    await resting(world, 2)
    [first, second] = [row.id for row in await world.runs()]
    async with world.store.store.transaction() as session:
        await put_off_by_pause(session, [second])
    await world.publish(LONGER)
    move_id = await begin(world, await plan_for(world, "moved", 1, 2))
    lock = text("SELECT id FROM run WHERE id = :id FOR UPDATE SKIP LOCKED")
    async with world.store.store.transaction() as session:
        assert (await session.execute(lock, {"id": first})).scalar() == first
        paging = asyncio.create_task(page(world, move_id))
        await asyncio.wait([paging], timeout=0.3)
        assert not paging.done()
        assert (await session.execute(lock, {"id": second})).scalar() == second
    assert (await paging).moved == 2
