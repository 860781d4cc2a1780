"""Random edits, random positions, moves page by page while drivers work: on a real database."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.flows.model import Flow
from engine.services import version_moves
from engine.services.templates import TemplateLibrary
from tests.driving.world import PARTITIONS, SIZES, Dice, World
from tests.versions.edits import Author, Seeded
from tests.versions.moving import (
    begin,
    by_version,
    counted,
    look,
    page,
    plan_for,
    standing,
    steer,
    stored_version,
    undo,
)

PEOPLE = 16
MOST_MESSAGES = 60
META = "label: {en: Words, zh: 文字}\npurpose: service\nlanguage: en\n"
TIMES = (timedelta(minutes=5), timedelta(hours=2), timedelta(days=1))


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> TemplateLibrary:
    """A message of its own for every step that sends one."""
    folder = tmp_path_factory.mktemp("messages")
    for number in range(MOST_MESSAGES):
        letter = folder / f"words_{number}"
        letter.mkdir()
        (letter / "meta.yaml").write_text(META)
        (letter / "subject.txt").write_text(f"Words {number}")
        (letter / "body.html").write_text(f"<p>Words {number}.</p>")
    return TemplateLibrary(folder)


async def some_work(world: World, dice: Dice, times: int = 6) -> None:
    """Drivers do a little, in any order, and time goes on."""
    for _ in range(dice.random.randint(1, times)):
        shard = dice.random.randrange(2)
        match dice.random.choice(["dispatch", "advance", "perform", "event", "time"]):
            case "dispatch":
                await world.dispatch(shard % PARTITIONS)
            case "advance":
                await world.advance("test_flow", shard % SIZES.advance_shards)
            case "perform":
                await world.perform(shard % SIZES.perform_shards)
            case "event":
                people = await world.rows("SELECT id FROM contact ORDER BY id")
                name = dice.random.choice(["Visited", "Called"])
                await world.event(dice.random.choice(people)[0], name)
            case "time":
                world.now += dice.random.choice(TIMES)


async def check(world: World) -> None:
    """Each run stands once, on a node of its version; the counters say the same."""
    rows = await world.rows(
        "SELECT r.state, r.node, r.due_at, r.listens, v.definition,"
        " EXISTS (SELECT 1 FROM effect e WHERE e.run_id = r.id AND e.node = r.node"
        "   AND e.visit = r.visit AND e.state IN ('pending', 'handing_over'))"
        " FROM run r JOIN flow_version v ON v.id = r.flow_version_id"
    )
    assert len(rows) == PEOPLE
    for state, node, due_at, listens, definition, is_asking in rows:
        assert state != "held"
        assert node in {one["id"] for one in definition["nodes"]}
        assert state == "ended" or due_at or listens or is_asking
    arriving = await world.rows(
        "SELECT v.number, r.node, count(*) FROM run r"
        " JOIN flow_version v ON v.id = r.flow_version_id"
        " WHERE r.state <> 'ended' AND r.happening ->> 'what' IN ('entered', 'arrived')"
        " GROUP BY v.number, r.node"
    )
    expected = Counter(await by_version(world))
    for number, node, count in arriving:
        expected[number, node] -= count
    assert await counted(world) == {place: n for place, n in expected.items() if n}


@pytest.mark.parametrize("seed", range(int(os.environ.get("MOVES", "3"))))
async def test_nobody_is_lost_nobody_gets_anything_twice_and_undoing_is_exact(
    world: World, seed: int, letters: TemplateLibrary
) -> None:
    world.parts = replace(world.parts, library=letters)
    dice = Dice(seed)
    author = Author(Seeded(dice.random))
    versions: list[Flow] = [author.write()]
    await stored_version(world, versions[0])
    for contact in await world.people(PEOPLE):
        await world.event(contact, "Signed Up")
    while await world.dispatch_all():
        pass
    await some_work(world, dice)
    for number in (2, 3):
        versions.append(author.edit())
        published = await stored_version(world, versions[-1])
        if published != number:
            break
        plan = await plan_for(world, "test_flow", number - 1, number)
        move_id = await begin(world, plan, percent=dice.random.choice([40, 100]))
        while (await page(world, move_id, limit=dice.random.randint(1, 5))).again:
            if dice.happens(40):
                await some_work(world, dice, 2)
                await check(world)
        await check(world)
        if dice.happens(50):
            await exact_undo(world, move_id, dice)
        elif (await look(world, "test_flow"))[0].state == "running":
            await steer(world, version_moves.cancel, move_id)
        await check(world)
        await some_work(world, dice)
    await to_the_end(world)
    sent = await world.rows(
        "SELECT run_id, ask ->> 'template', count(*) FROM effect GROUP BY run_id, 2"
    )
    assert {row[2] for row in sent} <= {1}
    assert await counted(world) == {}
    assert {state for state, _, _ in await world.outcomes()} == {"ended"}


async def exact_undo(world: World, move_id: int, dice: Dice) -> None:
    """Who has not moved on stands exactly where they stood; who has stays."""
    was = {
        row[0]: row[1]
        for row in await world.rows(
            "SELECT run_id, was FROM version_move_run WHERE move_id = :id AND state = 'moved'",
            id=move_id,
        )
    }
    moved = {row[0]: row for row in await standing(world)}
    await some_work(world, dice, 4)
    before = {row[0]: row for row in await standing(world)}
    await undo(world, move_id)
    after = {row[0]: row for row in await standing(world)}
    states = dict(
        await world.rows(
            "SELECT run_id, state FROM version_move_run WHERE move_id = :id", id=move_id
        )
    )
    for run_id, row in after.items():
        if states.get(run_id) == "returned":
            assert before[run_id] == moved[run_id]
            assert {"node": row[2], "visit": row[3], "state": row[4]}.items() <= was[run_id].items()
            assert (row[5], row[8]) == (was[run_id]["memo"], was[run_id]["happening"])
        else:
            assert row == before[run_id]
    went_on = await world.rows(
        "SELECT DISTINCT j.run_id FROM journal j JOIN journal told ON told.run_id = j.run_id"
        " WHERE told.entries @> jsonb_build_array(jsonb_build_object('move_id', CAST(:id AS int)))"
        " AND told.entries -> 0 ->> 'what' <> 'version_move_undone' AND j.id > told.id"
        " AND j.entries -> 0 ->> 'what' <> 'version_move_undone'",
        id=move_id,
    )
    moved_on = {run_id for run_id, state in states.items() if state == "moved_on"}
    assert moved_on == {row[0] for row in went_on}


async def to_the_end(world: World) -> None:
    for _ in range(30):
        await world.until_quiet("test_flow")
        if not await world.rows("SELECT 1 FROM run WHERE state <> 'ended'"):
            return
        world.now += timedelta(days=1)
