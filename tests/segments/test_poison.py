"""One segment that cannot be counted keeps no other from its count."""

from __future__ import annotations

from typing import Any

import pytest

from engine.services.segments import differences, recounting
from tests.segments.segment_world import SegmentWorld


async def test_a_segment_that_fails_is_put_off_and_the_others_are_counted(
    world: SegmentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = await world.people(1, country="SG")
    poisoned = await world.segment("poisoned", {"==": [{"var": "contact.country"}, "SG"]})
    await world.segment("sound", {"==": [{"var": "contact.country"}, "SG"]})
    honest = differences.differing

    async def differing(session: Any, segment_id: int, *rest: Any, **more: Any) -> Any:
        if segment_id == poisoned.id:
            raise RecursionError("too deep for the compiler")
        return await honest(session, segment_id, *rest, **more)

    monkeypatch.setattr(recounting, "differing", differing)
    await world.recount()
    assert await world.members("sound") == {ada}
    assert await world.members("poisoned") == set()
    assert await world.due("poisoned") > world.now
    monkeypatch.undo()
    world.now = await world.due("poisoned")
    await world.recount()
    assert await world.members("poisoned") == {ada}
