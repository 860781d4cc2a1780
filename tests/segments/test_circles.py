"""Nothing makes a score or a segment change itself for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.scoring.editing import create_model
from tests.segments.segment_world import SegmentWorld

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
BY_SCORE = {">=": [{"var": "contact.score"}, 5]}
MODEL: dict[str, Any] = {
    "score": "interest",
    "label": "Interest",
    "floor": 0,
    "cap": 100,
    "bands": [{"name": "cold", "from": 0}],
    "rules": [{"key": "hot", "points": 5, "when": {"member_of": ["outer"]}}],
}


async def made(world: SegmentWorld) -> None:
    await world.segment("hot", SINGAPORE)
    await world.segment("outer", {"member_of": ["hot"]})
    async with world.store.store.transaction() as session:
        await create_model(session, SYSTEM, MODEL, world.now)


async def test_a_segment_of_a_model_is_not_made_to_read_scores(world: SegmentWorld) -> None:
    await made(world)
    with pytest.raises(Refused) as refused:
        await world.edit("hot", BY_SCORE)
    assert [problem.code for problem in refused.value.problems] == ["breaks_model"]
    await world.edit("hot", {"!": [SINGAPORE]})


async def test_a_model_that_came_to_read_itself_is_not_asked(world: SegmentWorld) -> None:
    await made(world)
    await world.rows(
        "UPDATE segment SET rule = CAST(:rule AS jsonb), revision = revision + 1 "
        "WHERE name = 'hot' RETURNING 1",
        rule=json.dumps(BY_SCORE),
    )
    async with world.store.store.transaction() as session:
        plans = world.parts.plans
        book = await plans.scores.book(session, await plans.segments.book(session))
    assert not book.kept
    assert ["would read itself" in message for message in book.broken.values()] == [True]


async def test_a_segment_does_not_count_events_of_every_name(world: SegmentWorld) -> None:
    recent = {"in_last": [{"var": "occurred_at"}, 1, "days"]}
    with pytest.raises(Refused) as refused:
        await world.segment("restless", {"some": [{"var": "events"}, recent]})
    problems = [(problem.place, problem.code) for problem in refused.value.problems]
    assert problems == [("/rule", "counts_segment_events")]
