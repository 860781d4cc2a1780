"""What a person decides about runs that stand still; nothing is asked of the world twice by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.run_control import ids_page
from engine.errors import Conflict, NotAllowed
from engine.machines.mending import GoTo, Order, Retry, Skip, Stop
from engine.services import run_control
from engine.services.actor import SYSTEM, Actor
from engine.services.run_control import MendedPage, Place, Which, mend_page, places
from tests.driving.world import World

FLOW = """
flow: mended
label: Mended
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: always
steps:
  hello:  {do: send_message, template: welcome, next: pause}
  pause:  {do: wait, for: P1D, next: offer}
  offer:  {do: send_message, template: offer, next: done}
  done:   {do: exit}
"""
HELD = Which("mended")


async def order(
    world: World, what: Order, which: Which = HELD, actor: Actor = SYSTEM
) -> MendedPage:
    async with world.store.store.transaction() as session:
        ledger = world.parts.ledger(world.now)
        return await mend_page(session, actor, which, what, plans=world.parts.plans, ledger=ledger)


async def hold(world: World, **values: Any) -> None:
    """As a fault would: the run stands where it is and waits for a person."""
    async with world.store.store.transaction() as session:
        await session.execute(
            text(
                "UPDATE run SET state = 'held', outcome = :code, due_at = NULL, listens = '{}',"
                " happening = CAST(:happening AS jsonb)"
            ),
            {"code": "internal_fault", "happening": None} | values,
        )


async def started(world: World, people: int = 1) -> list[int]:
    await world.publish(FLOW)
    ids = await world.people(people)
    for one in ids:
        await world.event(one, "Signed Up")
    await world.until_quiet("mended")
    return ids


async def finish(world: World) -> None:
    await world.until_quiet("mended")
    world.now += timedelta(days=2)
    await world.until_quiet("mended")


async def test_an_answered_ask_is_told_again_and_not_made_again(world: World) -> None:
    await world.publish(FLOW)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await world.perform_all()
    # the answer is recorded, and telling it to the run failed
    async with world.store.store.transaction() as session:
        await session.execute(
            text("UPDATE run SET node = 'hello', visit = 1, memo = '{}', due_at = NULL")
        )
    await hold(world)
    assert (await order(world, Retry())).mended == 1
    await finish(world)
    assert sorted(world.channel.counts().values()) == [1, 1]
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_an_ask_at_fault_is_made_anew(world: World) -> None:
    await started(world)
    async with world.store.store.transaction() as session:
        await session.execute(
            text(
                "UPDATE effect SET receipt = '{\"outcome\": \"cannot\"}', state = 'done'"
                " WHERE node = 'hello'"
            )
        )
        await session.execute(text("UPDATE run SET node = 'hello', visit = 1, memo = '{}'"))
    await hold(world, code="unknown_template")
    await order(world, Retry())
    await finish(world)
    assert [
        row[0] for row in await world.rows("SELECT visit FROM effect WHERE node = 'hello'")
    ] == [
        1,
        2,
    ]
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_what_a_run_was_about_to_be_told_is_told(world: World) -> None:
    await world.publish(FLOW)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await hold(world, happening='{"what": "answered", "receipt": {"outcome": "done"}}')
    await order(world, Retry())
    await finish(world)
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_an_answer_under_way_is_waited_for(world: World) -> None:
    await world.publish(FLOW)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await hold(world)
    await order(world, Retry())
    await finish(world)
    assert sorted(world.channel.counts().values()) == [1, 1]
    assert len(await world.rows("SELECT 1 FROM effect")) == 2


async def test_skipping_goes_on_without_the_deed(world: World) -> None:
    await started(world)
    await hold(world)
    await order(world, Skip("passed"))
    await world.until_quiet("mended")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert sorted(world.channel.counts().values()) == [1, 1]


async def test_going_back_sends_again_and_goes_through_to_the_end(world: World) -> None:
    await started(world)
    await hold(world)
    await order(world, GoTo("hello"))
    await finish(world)
    assert await world.outcomes() == [("ended", "done", "done")]
    assert sorted(world.channel.counts().values()) == [1, 2]


async def test_ending_takes_back_what_was_not_done(world: World) -> None:
    await world.publish(FLOW)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    page = await order(world, Stop(), Which("mended", "active"))
    assert page.mended == 1
    await world.until_quiet("mended")
    assert not world.channel.delivered
    assert await world.outcomes() == [("ended", "hello", "ended_by_hand")]


async def test_an_order_that_makes_no_sense_changes_nobody(world: World) -> None:
    await started(world, people=2)
    await hold(world)
    for senseless in (Skip("sideways"), GoTo("nowhere")):
        page = await order(world, senseless)
        assert page.mended == 0
        assert list(page.refused.values()) == [2]
    assert {state for state, _, _ in await world.outcomes()} == {"held"}


async def test_an_order_given_twice_finds_nobody_the_second_time(world: World) -> None:
    await started(world)
    await hold(world)
    assert (await order(world, Skip("passed"))).mended == 1
    assert (await order(world, Skip("passed"))).mended == 0


async def test_it_says_whom_it_concerns_before_it_is_given(world: World) -> None:
    await started(world, people=3)
    await hold(world)
    async with world.store.store.transaction() as session:
        found = await places(session, SYSTEM, HELD)
        none = await places(session, SYSTEM, Which("mended", code="another"))
    assert found == [Place("pause", "internal_fault", 3)]
    assert none == []


async def test_nobody_is_moved_in_a_paused_flow(world: World) -> None:
    await started(world)
    await hold(world)
    await world.pause("mended")
    with pytest.raises(Conflict, match="is paused"):
        await order(world, Skip("passed"))


async def test_who_may_only_look_decides_nothing(world: World) -> None:
    await started(world)
    await hold(world)
    with pytest.raises(NotAllowed):
        await order(world, Stop(), actor=Actor("user", 7, "Cleo", "viewer"))
    assert {state for state, _, _ in await world.outcomes()} == {"held"}


async def test_the_journal_and_the_audit_say_who_decided(world: World) -> None:
    await started(world)
    await hold(world)
    await order(world, Stop())
    entries = [e for row in await world.rows("SELECT entries FROM journal") for e in row[0]]
    assert [e["why"] for e in entries if e["what"] == "mended"] == [
        {"how": "stop", "by": "Cadenza"}
    ]
    assert len(await world.rows("SELECT 1 FROM audit WHERE verb = 'stop'")) == 1


async def test_the_numbers_on_the_canvas_stay_whole(world: World) -> None:
    await started(world, people=4)
    await hold(world)
    numbers = [row[0] for row in await world.rows("SELECT id FROM run ORDER BY id")]
    orders: tuple[Order, ...] = (Retry(), Skip("passed"), GoTo("hello"), Stop())
    for run, what in zip(numbers, orders, strict=True):
        await order(world, what, Which("mended", run_ids=(run,)))
    await finish(world)
    rows = await world.rows("SELECT node, exit, sum(count) FROM node_count GROUP BY node, exit")
    entered = {node: count for node, exit_, count in rows if not exit_}
    left = {node: sum(count for n, exit_, count in rows if exit_ and n == node) for node in entered}
    assert entered == left
    assert {state for state, _, _ in await world.outcomes()} == {"ended"}


FOLLOWING = """
flow: following
label: Following
subject: contact
purpose: service
trigger: {on: event, event: Contact Updated}
entry: always
steps:
  done:  {do: exit}
"""
MARKING = """
flow: marking
label: Marking
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: always
steps:
  pause:  {do: wait, for: P1D, next: mark}
  mark:   {do: update_record, set: {city: Berlin}, next: done}
  done:   {do: exit}
"""


async def test_what_a_mended_run_changes_is_told(world: World) -> None:
    await world.publish(FOLLOWING)
    await world.publish(MARKING)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("marking")
    await hold(world)
    page = await order(world, Skip("passed"), Which("marking"))
    assert len(page.written.partitions) == 1
    await world.until_quiet("marking", "following")
    assert sorted(await world.outcomes()) == [("ended", "done", "done")] * 2


async def test_an_order_passes_over_who_moved_since_it_was_given(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await started(world)
    await hold(world)
    honest = ids_page

    async def moved_meanwhile(session: Any, *rest: Any) -> list[int]:
        found = await honest(session, *rest)
        await session.execute(text("UPDATE run SET outcome = 'another_reason'"))
        return found

    monkeypatch.setattr(run_control, "ids_page", moved_meanwhile)
    page = await order(world, Stop(), Which("mended", code="internal_fault"))
    assert page.mended == 0
