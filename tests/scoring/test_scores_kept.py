"""Scores follow what happens, what changes and what fades, and tell the borders they pass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import Conflict, NotAllowed, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.events import record_event
from engine.services.scoring.editing import (
    ask_recount,
    choose_default,
    create_model,
    delete_model,
    edit_model,
)
from engine.services.scoring.looking import band_sizes, contact_scores, explain_score
from engine.services.scoring.recounting import Look, ScoreRecounting
from tests.driving.world import World

DAY = timedelta(days=1)
VIEWER = Actor("user", 7, "Cleo", "viewer")
MODEL: dict[str, Any] = {
    "score": "interest",
    "label": "Interest",
    "floor": 0,
    "cap": 100,
    "bands": [
        {"name": "cold", "from": 0},
        {"name": "warm", "from": 20},
        {"name": "hot", "from": 40},
    ],
    "rules": [
        {"key": "sg", "points": 5, "when": {"==": [{"var": "contact.country"}, "SG"]}},
        {"key": "pricing", "points": 20, "event": "Visited Pricing", "decay": {"half_life": 10}},
    ],
}


async def saved(world: World, document: dict[str, Any] = MODEL, *, default: bool = True) -> None:
    async with world.store.store.transaction() as session:
        await create_model(session, SYSTEM, document, world.now, default=default)


async def recount(world: World) -> Look:
    """The score driver, until nobody is due."""
    parts = world.parts
    counting = ScoreRecounting(
        parts.store, parts.plans, parts.announcer, lambda: world.now, parts.default_zone
    )
    look = await counting.look()
    while look.again:
        look = await counting.look()
    return look


async def totals(world: World) -> list[int | None]:
    return [
        row[0] for row in await world.rows("SELECT total FROM contact_score ORDER BY contact_id")
    ]


async def told(world: World) -> list[tuple[int, str, str]]:
    """(contact, band, direction) of every border that was told."""
    found = await world.rows(
        "SELECT contact_id, properties->>'band', properties->>'direction' FROM event "
        "WHERE name = 'Score Threshold Reached' ORDER BY id"
    )
    return [(row[0], row[1], row[2]) for row in found]


async def test_everybody_is_scored_once_without_telling_borders(world: World) -> None:
    ada, ben = await world.people(2, country="SG")
    await world.event(ada, "Visited Pricing")
    await world.event(ada, "Visited Pricing")
    await saved(world)
    await recount(world)
    assert await totals(world) == [45, 5]
    assert await told(world) == []
    found = await world.rows("SELECT id, score FROM contact ORDER BY id")
    assert [tuple(row) for row in found] == [(ada, 45), (ben, 5)]


async def test_an_event_moves_the_score_and_tells_the_border_once(world: World) -> None:
    (ada,) = await world.people(1, country="SG")
    await saved(world)
    await recount(world)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet()
    assert await totals(world) == [25]
    assert await told(world) == [(ada, "warm", "up")]
    await world.event(ada, "Something Else")
    await world.until_quiet()
    await recount(world)
    assert len(await told(world)) == 1


async def test_events_whose_points_never_pass_are_counted_whenever_they_happened(
    world: World,
) -> None:
    (ada,) = await world.people(1)
    lasting = {"key": "pricing", "points": 7, "event": "Visited Pricing", "cap": 20}
    await saved(world, {**MODEL, "rules": [lasting]})
    for _ in range(2):
        await world.event(ada, "Visited Pricing")
    await world.until_quiet()
    await recount(world)
    assert await totals(world) == [14]


async def test_points_fade_without_an_event_and_the_border_is_told_downwards(world: World) -> None:
    (ada,) = await world.people(1)
    await saved(world)
    await recount(world)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet()
    look = await recount(world)
    assert look.next_due == world.now + DAY
    world.now += 10 * DAY
    await recount(world)
    assert await totals(world) == [10]
    assert (await told(world))[-1] == (ada, "warm", "down")
    world.now += 300 * DAY
    look = await recount(world)
    # nothing fades any more; the next round of everybody is all that is left
    assert (await totals(world), look.next_due) == ([0], world.now + DAY)
    assert await world.rows("SELECT 1 FROM contact_score WHERE due_at IS NOT NULL") == []


async def test_a_new_contact_is_scored_by_their_first_event(world: World) -> None:
    await saved(world)
    await recount(world)
    (ada,) = await world.people(1, country="SG")
    await world.event(ada, "Visited Pricing")
    await world.until_quiet()
    assert await totals(world) == [25]
    assert await told(world) == [(ada, "warm", "up")]


FLOW = """
flow: call_them
label: Call them
subject: contact
purpose: service
trigger:
  on: event
  event: Score Threshold Reached
  when: {"==": [{"var": "event.properties.direction"}, "up"]}
entry: always
steps:
  call: {do: create_task, title: Call, next: done}
  done: {do: exit}
"""


async def test_a_flow_starts_from_a_border(world: World) -> None:
    (ada,) = await world.people(1, country="SG")
    await saved(world)
    await recount(world)
    await world.publish(FLOW)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("call_them")
    assert len(await world.runs()) == 1


async def test_an_edited_model_scores_everybody_anew(world: World) -> None:
    (ada,) = await world.people(1, country="SG")
    await saved(world)
    await recount(world)
    rules = [{**MODEL["rules"][0], "points": 30}]
    async with world.store.store.transaction() as session:
        await edit_model(session, SYSTEM, "interest", {**MODEL, "rules": rules}, world.now)
    await recount(world)
    assert await totals(world) == [30]
    assert await told(world) == [(ada, "warm", "up")]


async def test_a_window_is_looked_at_again_every_day(world: World) -> None:
    await world.people(1, last_seen_at=world.now)
    recent = {"in_last": [{"var": "contact.last_seen_at"}, 3, "days"]}
    rules = [{"key": "recent", "points": 7, "when": recent}]
    await saved(world, {**MODEL, "rules": rules})
    look = await recount(world)
    assert (await totals(world), look.next_due) == ([7], world.now + DAY)
    world.now += 4 * DAY
    await recount(world)
    assert await totals(world) == [0]


async def test_only_the_default_model_writes_the_contacts_score(world: World) -> None:
    (ada,) = await world.people(1, country="SG")
    await saved(world, {**MODEL, "score": "other"}, default=False)
    await recount(world)
    assert (await world.rows("SELECT score FROM contact"))[0][0] == 0
    async with world.store.store.transaction() as session:
        await choose_default(session, SYSTEM, "other")
    await recount(world)
    assert (await world.rows("SELECT score FROM contact"))[0][0] == 5
    async with world.store.store.transaction() as session:
        (stored,) = await contact_scores(session, VIEWER, ada)
        assert (stored.model, stored.total, stored.band) == ("other", 5, "cold")
        assert await band_sizes(session, VIEWER, "other") == {"cold": 1}
        given = await explain_score(session, VIEWER, "other", ada, world.now, "UTC")
        assert [part.points for part in given.parts] == [5, 0]
        assert given.parts[0].why is not None


async def test_a_crash_between_pages_loses_and_repeats_nothing(world: World) -> None:
    people = await world.people(3, country="SG")
    await saved(world)
    await recount(world)
    for one in people:
        await world.event(one, "Visited Pricing")
    await world.until_quiet()
    async with world.store.store.transaction() as session:
        await ask_recount(session, SYSTEM)
    await recount(world)
    assert await totals(world) == [25, 25, 25]
    assert sorted(await told(world)) == [(one, "warm", "up") for one in people]


async def test_a_model_that_would_read_itself_is_refused(world: World) -> None:
    circles = [
        {"key": "a", "points": 1, "when": {">": [{"var": "contact.score"}, 1]}},
        {"key": "b", "points": 1, "event": "Score Threshold Reached"},
        {"key": "c", "points": 1, "when": {"is_set": [{"var": "events"}]}},
    ]
    async with world.store.store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await create_model(session, SYSTEM, {**MODEL, "rules": circles}, world.now)
    assert [one.place for one in refused.value.problems] == ["/rules/0", "/rules/1", "/rules/2"]


async def test_who_may_not_change_models_is_refused_and_names_are_unique(world: World) -> None:
    await saved(world)
    async with world.store.store.transaction() as session:
        with pytest.raises(NotAllowed):
            await create_model(session, VIEWER, MODEL, world.now)
        with pytest.raises(NotAllowed):
            await delete_model(session, VIEWER, "interest")
        with pytest.raises(Conflict):
            await create_model(session, SYSTEM, MODEL, world.now)
    async with world.store.store.transaction() as session:
        await delete_model(session, SYSTEM, "interest")
    verbs = [row[0] for row in await world.rows("SELECT verb FROM audit ORDER BY id")]
    assert verbs == ["create", "delete"]


async def test_a_queued_event_of_somebody_else_is_left_alone(world: World) -> None:
    ada, ben = await world.people(2)
    await saved(world)
    await recount(world)
    async with world.store.store.transaction() as session:
        await record_event(
            session,
            source="test",
            message_id="one",
            name="Visited Pricing",
            contact_id=ben,
            properties={},
            occurred_at=world.now,
            partitions=2,
        )
    await world.until_quiet()
    scored = await world.rows("SELECT contact_id, total FROM contact_score ORDER BY contact_id")
    assert [tuple(row) for row in scored] == [(ada, 0), (ben, 20)]


ADJUSTING = """
flow: adjusting
label: Adjusting
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: always
steps:
  add:   {do: adjust_score, by: 7, next: done}
  done:  {do: exit}
"""


@pytest.mark.parametrize("adjusted_first", [True, False])
async def test_what_a_flow_gives_outlasts_the_next_count(
    world: World, adjusted_first: bool
) -> None:
    await world.publish(ADJUSTING)
    await saved(world)
    (ada,) = await world.people(1, country="SG")
    if not adjusted_first:
        await recount(world)
    await world.event(ada, "Signed Up")
    await world.until_quiet("adjusting")
    async with world.store.store.transaction() as session:
        await ask_recount(session, SYSTEM, "interest")
    await recount(world)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("adjusting")
    [(score,)] = await world.rows("SELECT score FROM contact")
    assert score == 5 + 7 + 20
    assert await totals(world) == [25]
