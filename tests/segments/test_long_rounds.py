"""Recounts that are cut short again and again come to an end, and rest before they burden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.services.segments import recounting
from tests.segments.segment_world import SegmentWorld

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
LATELY = {"in_last": [{"var": "contact.last_seen_at"}, 3, "hours"]}


async def in_small_rounds(world: SegmentWorld, monkeypatch: pytest.MonkeyPatch) -> int:
    """Looks of one piece each, until nothing is due; how many, at most twenty."""
    monkeypatch.setattr(recounting, "PAGE", 2)
    monkeypatch.setattr(recounting, "PIECE", 1)
    for looks in range(1, 20):
        answers = iter([False])
        look = await world.recounting().look(lambda left=answers: next(left, True))
        if not look.again:
            return looks
    return 20


async def test_many_who_flip_at_once_are_all_moved(
    world: SegmentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await world.people(5, last_seen_at=world.now)
    await world.counted("lately", LATELY)
    assert await world.members("lately") == set(people)
    world.now = max(await world.due("lately"), world.now + timedelta(hours=3, minutes=1))
    assert await in_small_rounds(world, monkeypatch) < 20
    assert await world.members("lately") == set()
    assert sorted(await world.moves()) == [("Segment Left", "lately")] * 5


async def test_a_fill_is_not_held_up_by_members_who_do_not_fulfil_its_rule(
    world: SegmentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests = await world.people(4, country="MY")
    await world.static("guests", fill=SINGAPORE)
    await world.put("guests", *guests)
    await world.rows("UPDATE contact SET country = 'SG' WHERE id = :id RETURNING 1", id=guests[3])
    await world.take("guests", guests[3])
    assert await in_small_rounds(world, monkeypatch) < 20
    assert await world.members("guests") == set(guests)


async def test_a_recount_rests_before_its_first_question_while_many_events_wait(
    world: SegmentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = await world.people(1, country="SG")
    await world.counted("singapore", SINGAPORE)
    await world.event(ada, "Signed In")
    await world.ask_recount()
    monkeypatch.setattr(recounting, "MOST_WAITING", 0)

    async def differing(*_: Any, **__: Any) -> None:
        raise AssertionError("asked all the same")

    monkeypatch.setattr(recounting, "differing", differing)
    look = await world.recounting().look(lambda: False)
    assert look.next_due == world.now + recounting.REST
    assert await world.due("singapore") <= world.now
