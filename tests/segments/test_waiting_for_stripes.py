"""What happens to segments and to the time while a batch waits for its contacts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm_store import segment_members
from engine.services.segments import keeping
from tests.segments.segment_world import SegmentWorld

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
MALAYSIA = {"==": [{"var": "contact.country"}, "MY"]}
LATELY = {"in_last": [{"var": "contact.last_seen_at"}, 3, "hours"]}


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    honest = segment_members.hold_stripes

    async def hold_stripes(*arguments: Any) -> None:
        await honest(*arguments)
        await happens()

    monkeypatch.setattr(keeping, "hold_stripes", hold_stripes)


async def test_members_stay_in_a_segment_that_broke_meanwhile(
    world: SegmentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = await world.people(1, country="SG")
    await world.counted("singapore", SINGAPORE)

    async def breaks() -> None:
        await world.rows(
            """UPDATE segment SET rule = '{"==": [{"var": "contact.planet"}, "Mars"]}',
            revision = revision + 1 RETURNING 1"""
        )

    meanwhile(monkeypatch, breaks)
    await world.told_change(ada, "country")
    await world.dispatch_all()
    assert await world.members("singapore") == {ada}
    assert await world.moves() == []


async def test_a_batch_decides_by_the_time_after_it_waited(
    world: SegmentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = await world.people(1)
    await world.counted("lately", LATELY)
    await world.change(ada, "last_seen_at", world.now)

    async def takes_long() -> None:
        world.now += timedelta(hours=4)

    meanwhile(monkeypatch, takes_long)
    await world.event(ada, "Signed In")
    await world.dispatch_all()
    assert await world.members("lately") == set()
    assert await world.moves() == []


async def test_whoever_is_at_work_keeps_the_rules_of_before_an_edit(world: SegmentWorld) -> None:
    await world.segment("here", SINGAPORE)
    facts = {"contact": {"country": "SG"}}
    shelf = world.parts.plans.segments

    async def held() -> Any:
        async with world.store.store.transaction() as session:
            return await shelf.book(session)

    before = await held()
    await world.edit("here", MALAYSIA)
    after = await held()
    ids = frozenset(before.kept)
    assert before.together.holding(ids, facts, world.now, "UTC") == ids
    assert after.together.holding(ids, facts, world.now, "UTC") == frozenset()
