"""People in flight brought to another version, on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.flows.migration import MovePlan
from engine.flows.problems import FlowRefused
from engine.services import version_moves
from engine.services.actor import SYSTEM, Actor
from engine.services.views.flows import flow_counts
from tests.driving.world import World
from tests.versions.moving import (
    begin,
    by_version,
    carry_out,
    counted,
    days,
    look,
    move,
    page,
    plan_for,
    standing,
    steer,
    undo,
)

FIRST = """
flow: moved
label: Moved
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
steps:
  hello: {do: send_message, template: welcome, next: rest}
  rest:  {do: wait, for: 3d, next: offer}
  offer: {do: send_message, template: offer, next: done}
  done:  {do: exit}
"""
LONGER = FIRST.replace("for: 3d", "for: 5d")
RENAMED = FIRST.replace("rest", "pause").replace("done", "end")


async def resting(world: World, people: int = 1, *, flow: str = FIRST) -> list[int]:
    """People who had their first message and wait."""
    await world.publish(flow)
    contacts = await world.people(people)
    for contact in contacts:
        await world.event(contact, "Signed Up")
    await world.until_quiet("moved")
    return contacts


async def test_a_changed_wait_is_counted_from_when_it_began(world: World) -> None:
    await resting(world)
    began = world.now
    await world.publish(LONGER)
    world.now += timedelta(days=1)
    await move(world, "moved", 1, 2)
    [(_, version, node, _, _, _, due_at, *_)] = await standing(world)
    assert (node, due_at) == ("rest", began + timedelta(days=5))
    assert await by_version(world) == {(2, "rest"): 1}
    assert await counted(world) == {(2, "rest"): 1}
    # and again: the second move counts from the same moment
    await world.publish(LONGER.replace("5d", "9d"))
    await move(world, "moved", 2, 3)
    assert (await standing(world))[0][6] == began + timedelta(days=9)
    assert version != (await standing(world))[0][1]


async def test_everybody_goes_through_the_new_version_and_gets_everything_once(
    world: World,
) -> None:
    await resting(world, 7)
    await world.publish(RENAMED)
    await move(world, "moved", 1, 2)
    assert await by_version(world) == {(2, "pause"): 7}
    await days(world, 4, "moved")
    assert {node for _, node, _ in await world.outcomes()} == {"end"}
    assert set(world.channel.counts().values()) == {1}
    assert len(world.channel.counts()) == 14
    assert await counted(world) == {}


async def test_a_wait_keeps_its_time_over_a_rename_and_a_second_change(world: World) -> None:
    await resting(world)
    began = world.now
    await world.publish(RENAMED)
    world.now += timedelta(days=1)
    await move(world, "moved", 1, 2)
    assert (await standing(world))[0][6] == began + timedelta(days=3)
    await world.publish(RENAMED.replace("3d", "7d"))
    world.now += timedelta(days=1)
    await move(world, "moved", 2, 3)
    assert (await standing(world))[0][6] == began + timedelta(days=7)


async def test_who_waits_for_an_answer_moves_after_it_and_nothing_is_sent_twice(
    world: World,
) -> None:
    await world.publish(FIRST)
    contacts = await world.people(4)
    for contact in contacts:
        await world.event(contact, "Signed Up")
    while await world.dispatch_all():
        pass
    # one is being handed over, three wait
    await world.perform(0)
    await world.publish(RENAMED.replace("hello", "greet"))
    move_id = await begin(world, await plan_for(world, "moved", 1, 2, hello={"to": "greet"}))
    await carry_out(world, move_id)
    [line] = await look(world, "moved")
    assert line.waiting == len(await world.rows("SELECT 1 FROM effect WHERE state = 'pending'")) > 0
    assert line.state == "running"
    await world.until_quiet("moved")
    assert (await page(world, move_id)).look_again is not None
    world.now += timedelta(minutes=1)
    await carry_out(world, move_id)
    assert await by_version(world) == {(2, "pause"): 4}
    assert [(one.state, one.waiting) for one in await look(world, "moved")] == [("done", 0)]
    await days(world, 4, "moved")
    assert set(world.channel.counts().values()) == {1}
    assert len(world.channel.counts()) == 8


async def test_undoing_puts_everybody_back_exactly_who_has_not_moved_on(world: World) -> None:
    await resting(world, 6)
    await world.publish(
        FIRST.replace("for: 3d", "for: 2d")
        .replace("offer:", "again:")
        .replace("next: offer", "next: again")
    )
    before = await standing(world)
    world.now += timedelta(days=1)
    move_id = await move(world, "moved", 1, 2)
    assert await standing(world) != before
    # two go on
    async with world.store.store.transaction() as session:
        await session.execute(
            text("UPDATE run SET due_at = :now WHERE id IN (SELECT id FROM run LIMIT 2)"),
            {"now": world.now},
        )
    await world.until_quiet("moved")
    await undo(world, move_id)
    after = await standing(world)
    assert [row for row in after if row[2] == "rest"] == before[2:] or len(after) == 6
    back = {row[0] for row in after} & {row[0] for row in before if row in after}
    assert len(back) == 4
    [line] = await look(world, "moved")
    assert (line.state, line.returned, line.moved_on) == ("undone", 4, 2)
    assert await counted(world) == await by_version(world) == {(1, "rest"): 4}
    await days(world, 3, "moved")
    assert set(world.channel.counts().values()) == {1}


async def test_undoing_a_second_move_makes_room_for_undoing_the_first(world: World) -> None:
    await resting(world, 2)
    before = await standing(world)
    await world.publish(LONGER)
    first = await move(world, "moved", 1, 2)
    between = await standing(world)
    await world.publish(RENAMED)
    second = await move(world, "moved", 2, 3)
    await undo(world, second)
    assert await standing(world) == between
    await undo(world, first)
    assert await standing(world) == before


async def test_an_exit_can_be_taken_back_unless_the_person_came_again(world: World) -> None:
    again = FIRST.replace("entry: once", "entry: after_exit")
    _, ben = await resting(world, 2, flow=again)
    before = await standing(world)
    await world.publish(again.replace("3d", "4d"))
    move_id = await move(world, "moved", 1, 2, rest="exit")
    assert {outcome for _, _, outcome in await world.outcomes()} == {"ended_by_move"}
    assert await counted(world) == {}
    world.now += timedelta(minutes=5)
    await world.event(ben, "Signed Up")
    await world.until_quiet("moved")
    await undo(world, move_id)
    after = await standing(world)
    [stayed_out] = await world.rows("SELECT min(id) FROM run WHERE subject_id = :ben", ben=ben)
    assert next(row for row in after if row[0] != stayed_out[0]) in before
    assert [row[4] for row in after if row[0] == stayed_out[0]] == ["ended"]
    assert await counted(world) == await by_version(world) == {(1, "rest"): 1, (2, "rest"): 1}


async def test_nobody_enters_again_because_of_a_move(world: World) -> None:
    [ada] = await resting(world)
    await world.publish(LONGER)
    await move(world, "moved", 1, 2, rest="restart")
    await world.event(ada, "Signed Up")
    await world.until_quiet("moved")
    assert len(await world.outcomes()) == 1
    assert [
        tuple(row) for row in await world.rows("SELECT node, visit FROM effect ORDER BY id")
    ] == [("hello", 1), ("hello", 2)]


async def test_a_share_is_always_the_same_people_and_grows(world: World) -> None:
    await resting(world, 24)
    await world.publish(LONGER)
    plan = await plan_for(world, "moved", 1, 2)
    async with world.store.store.transaction() as session:
        preview = await version_moves.preview(session, SYSTEM, plan, percent=30)
    move_id = await begin(world, plan, percent=30)
    await carry_out(world, move_id)
    first = {
        row[0]
        for row in await world.rows(
            "SELECT r.id FROM run r JOIN flow_version v ON v.id = r.flow_version_id"
            " WHERE v.number = 2"
        )
    }
    assert len(first) == preview.moving
    assert 0 < len(first) < 24
    assert [line.people for line in preview.lines if line.node == "rest"] == [24]
    await steer(world, version_moves.stage, move_id, 80)
    await carry_out(world, move_id)
    second = {
        row[0]
        for row in await world.rows(
            "SELECT r.id FROM run r JOIN flow_version v ON v.id = r.flow_version_id"
            " WHERE v.number = 2"
        )
    }
    assert first < second
    await undo(world, move_id)
    assert await by_version(world) == {(1, "rest"): 24}
    assert await counted(world) == {(1, "rest"): 24}


async def test_a_paused_move_moves_nobody_and_goes_on_where_it_was(world: World) -> None:
    await resting(world, 5)
    await world.publish(LONGER)
    move_id = await begin(world, await plan_for(world, "moved", 1, 2))
    await page(world, move_id)
    await steer(world, version_moves.pause, move_id)
    assert not (await page(world, move_id)).again
    assert await by_version(world) == {(1, "rest"): 2, (2, "rest"): 3}
    await steer(world, version_moves.resume, move_id)
    await carry_out(world, move_id)
    assert await by_version(world) == {(2, "rest"): 5}


async def test_a_cancelled_move_leaves_everybody_where_they_are(world: World) -> None:
    await resting(world, 5)
    await world.publish(LONGER)
    move_id = await begin(world, await plan_for(world, "moved", 1, 2))
    await page(world, move_id)
    await steer(world, version_moves.cancel, move_id)
    assert not (await page(world, move_id)).again
    with pytest.raises(Conflict):
        await steer(world, version_moves.resume, move_id)
    await undo(world, move_id)
    assert await by_version(world) == {(1, "rest"): 5}


async def test_people_of_a_paused_flow_are_moved_and_do_not_go_on(world: World) -> None:
    await resting(world, 3)
    await world.publish(RENAMED)
    await world.pause("moved")
    await move(world, "moved", 1, 2, rest={"to": "offer"})
    await world.until_quiet("moved")
    assert await by_version(world) == {(2, "offer"): 3}
    assert len(world.channel.delivered) == 3
    await world.resume("moved")
    await world.until_quiet("moved")
    assert len(world.channel.delivered) == 6


async def test_people_held_by_a_broken_version_are_brought_to_one_that_works(
    world: World,
) -> None:
    await resting(world, 2)
    await world.publish(LONGER)
    async with world.store.store.transaction() as session:
        await session.execute(
            text("UPDATE run SET state = 'held', outcome = 'plan_broken', due_at = NULL")
        )
    await move(world, "moved", 1, 2, rest={"to": "offer"})
    await world.until_quiet("moved")
    assert await world.outcomes() == [("ended", "done", "done")] * 2


async def test_the_journal_tells_the_move_and_its_undoing(world: World) -> None:
    await resting(world)
    await world.publish(RENAMED)
    move_id = await move(world, "moved", 1, 2)
    await undo(world, move_id)
    told = [
        (e["what"], e.get("was"), e["node"], e["from_version"], e["to_version"])
        for row in await world.rows("SELECT entries FROM journal ORDER BY id")
        for e in row[0]
        if "from_version" in e
    ]
    assert told == [
        ("version_moved", "rest", "pause", 1, 2),
        ("version_move_undone", None, "rest", 2, 1),
    ]
    verbs = await world.rows("SELECT verb FROM audit WHERE verb LIKE '%move%' ORDER BY id")
    assert [row[0] for row in verbs] == ["start_move", "undo_move"]


async def test_a_plan_that_forgets_somebody_is_refused_whole(world: World) -> None:
    await resting(world)
    await world.publish(RENAMED)
    with pytest.raises(FlowRefused) as refused:
        await begin(world, MovePlan("moved", 1, 2, {}))
    assert [p.detail for p in refused.value.flow_problems] == ["rest"]
    assert await look(world, "moved") == []


async def test_one_move_of_a_flow_at_a_time(world: World) -> None:
    await resting(world)
    await world.publish(LONGER)
    plan = await plan_for(world, "moved", 1, 2)
    await begin(world, plan)
    with pytest.raises(Conflict):
        await begin(world, plan)


async def test_who_may_only_look_moves_nobody(world: World) -> None:
    await resting(world)
    await world.publish(LONGER)
    plan = await plan_for(world, "moved", 1, 2)
    cleo = Actor("user", 7, "Cleo", "viewer")
    async with world.store.store.transaction() as session:
        assert (await version_moves.preview(session, cleo, plan)).moving == 1
        with pytest.raises(NotAllowed):
            await version_moves.start(session, cleo, plan, plans=world.parts.plans, now=world.now)


async def test_what_makes_no_sense_is_refused(world: World) -> None:
    await resting(world)
    await world.publish(LONGER)
    plan = await plan_for(world, "moved", 1, 2)
    with pytest.raises(Refused):
        await begin(world, plan, percent=0)
    with pytest.raises(NotFound):
        await begin(world, MovePlan("moved", 1, 9, {}))
    move_id = await begin(world, plan)
    with pytest.raises(Refused):
        await steer(world, version_moves.stage, move_id, 50)
    with pytest.raises(NotFound):
        await steer(world, version_moves.pause, 999)


FOLLOWING = """
flow: following
label: Following
purpose: service
trigger: {on: flow, flow: moved, when: ended}
entry: always
steps:
  done: {do: exit}
"""


async def test_who_is_ended_by_a_move_starts_the_flow_that_waits_for_it(world: World) -> None:
    await resting(world, 2)
    await world.publish(FOLLOWING)
    await world.publish(LONGER)
    await move(world, "moved", 1, 2, rest="exit")
    await world.until_quiet("moved", "following")
    rows = await world.rows(
        "SELECT count(*) FROM run r JOIN flow f ON f.id = r.flow_id WHERE f.name = 'following'"
    )
    assert rows[0][0] == 2


async def test_what_was_erased_is_not_brought_back(world: World) -> None:
    await resting(world, 2)
    await world.publish(LONGER)
    move_id = await move(world, "moved", 1, 2, rest="exit")
    erased = "UPDATE version_move_run SET was = NULL WHERE run_id = (SELECT min(id) FROM run)"
    async with world.store.store.transaction() as session:
        await session.execute(text(erased))
    await undo(world, move_id)
    assert await by_version(world) == await counted(world) == {(1, "rest"): 1}
    assert [(line.returned, line.moved_on) for line in await look(world, "moved")] == [(1, 1)]


async def test_the_numbers_of_the_flow_do_not_count_a_move_as_an_end(world: World) -> None:
    await resting(world, 3)
    await world.publish(LONGER)
    async with world.store.store.transaction() as session:
        before = (await flow_counts(session, SYSTEM, "moved", None)).numbers
    await move(world, "moved", 1, 2)
    async with world.store.store.transaction() as session:
        after = (await flow_counts(session, SYSTEM, "moved", None)).numbers
    assert (after.entered, after.here, after.finished) == (3, 3, 0)
    assert after == before
