"""Scores are held before facts are read: nobody counts by facts that another has overtaken."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.services import dispatching
from engine.services.facts import load_facts
from tests.driving.world import World
from tests.scoring.test_scores_kept import recount, saved, told

MODEL: dict[str, Any] = {
    "score": "interest",
    "label": "Interest",
    "bands": [{"name": "cold", "from": 0}, {"name": "warm", "from": 20}],
    "rules": [{"key": "pricing", "points": 10, "event": "Visited Pricing", "within_days": 30}],
}


async def test_a_border_is_told_once_however_dispatch_and_a_recount_meet(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = await world.people(1)
    await saved(world, MODEL)
    await recount(world)
    await world.event(ada, "Visited Pricing")
    loaded, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*arguments: Any) -> Any:
        facts = await load_facts(*arguments)
        loaded.set()
        await go_on.wait()
        return facts

    monkeypatch.setattr(dispatching, "load_facts", slowly)
    async with asyncio.timeout(30):
        dispatched = asyncio.create_task(world.dispatch_all())
        await loaded.wait()
        # a second visit, which dispatch has not read, and a round that would count both
        await world.event(ada, "Visited Pricing")
        await world.rows("UPDATE scoring_model SET recount_after = 0 RETURNING 1")
        counting = asyncio.create_task(recount(world))
        await asyncio.wait([counting], timeout=0.5)
        assert not counting.done()
        go_on.set()
        await asyncio.gather(dispatched, counting)
    await world.until_quiet()
    assert await told(world) == [(ada, "warm", "up")]
