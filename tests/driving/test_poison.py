"""One thing that is broken stops itself, and nothing beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from engine.services.advancing import LOOK_AGAIN, advance_due
from engine.services.templates import RenderedMessage, TemplateLibrary
from tests.driving.test_claims import asked
from tests.driving.test_driving import WELCOME
from tests.driving.world import SIZES, TEMPLATES, World

SCORING = """
flow: scoring
label: Scoring
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  settle: {do: wait, for: PT1H, next: score}
  score:  {do: update_record, set: {score: 7}, add_tags: [scored], next: done}
  done:   {do: exit}
"""


async def test_a_run_that_cannot_be_written_is_held_and_the_others_go_on(world: World) -> None:
    await world.publish(SCORING)
    people = await world.people(5)
    async with world.store.store.connection() as connection:
        await connection.execute(
            text(f"ALTER TABLE contact ADD CHECK (id <> {people[2]} OR score = 0)")
        )
    for contact in people:
        await world.event(contact, "Signed Up")
    await world.until_quiet("scoring")
    world.now += timedelta(hours=2)
    await world.until_quiet("scoring")
    states = await world.rows("SELECT subject_id, state, outcome FROM run ORDER BY id")
    assert {tuple(row) for row in states} == {
        (contact, "held", "internal_fault") if contact == people[2] else (contact, "ended", "done")
        for contact in people
    }
    scores = await world.rows("SELECT score FROM contact ORDER BY id")
    assert sorted(row[0] for row in scores) == [0, 7, 7, 7, 7]


async def break_version(world: World, name: str) -> None:
    """As after an upgrade that no longer knows a kind of step."""
    await world.rows(
        """
        UPDATE flow_version v SET definition = jsonb_set(v.definition, '{nodes,0,do}', '"gone"')
        FROM flow f WHERE f.id = v.flow_id AND f.name = :name RETURNING 1
        """,
        name=name,
    )


async def mend_version(world: World, name: str, kind: str) -> None:
    await world.rows(
        """
        UPDATE flow_version v
        SET definition = jsonb_set(v.definition, '{nodes,0,do}', to_jsonb(CAST(:kind AS text)))
        FROM flow f WHERE f.id = v.flow_id AND f.name = :name RETURNING 1
        """,
        name=name,
        kind=kind,
    )


async def test_a_version_that_cannot_be_read_holds_only_its_own_runs(world: World) -> None:
    await world.publish(SCORING)
    await world.publish(WELCOME)
    [ada, cleo] = await world.people(2)
    await world.event(ada, "Signed Up")
    await world.until_quiet("scoring", "welcome_test")
    await break_version(world, "scoring")
    world.parts = world.new_worker("after the upgrade")
    world.now += timedelta(hours=2)
    await world.event(cleo, "Signed Up")
    await world.until_quiet("scoring", "welcome_test")
    found = await world.rows(
        "SELECT f.name, r.subject_id, r.state, r.outcome FROM run r JOIN flow f ON f.id = r.flow_id"
        " ORDER BY f.name, r.subject_id"
    )
    assert [tuple(row) for row in found] == [
        ("scoring", ada, "held", "plan_broken"),
        ("welcome_test", ada, "active", None),
        ("welcome_test", cleo, "active", None),
    ]
    [(why,)] = await world.rows(
        "SELECT entries->0->'why' FROM journal j JOIN run r ON r.id = j.run_id"
        " WHERE r.state = 'held' ORDER BY j.id DESC LIMIT 1"
    )
    assert why["code"] == "plan_broken"
    assert "gone" in why["message"]
    await mend_version(world, "scoring", "wait")
    await world.rows(
        "UPDATE run SET state = 'active', due_at = :now, outcome = NULL WHERE state = 'held'"
        " RETURNING 1",
        now=world.now,
    )
    await world.until_quiet("scoring", "welcome_test")
    [(state,)] = await world.rows(
        "SELECT r.state FROM run r JOIN flow f ON f.id = r.flow_id WHERE f.name = 'scoring'"
    )
    assert state == "ended"


async def test_an_answer_for_a_version_that_cannot_be_read_stays_with_its_run(world: World) -> None:
    await asked(world)
    await break_version(world, "one_mail")
    world.parts = world.new_worker("after the upgrade")
    await world.until_quiet("one_mail")
    assert len(world.channel.delivered) == 1
    assert await world.outcomes() == [("held", "hello", "plan_broken")]
    [(kept,)] = await world.rows("SELECT happening FROM run")
    assert kept["what"] == "answered"
    await mend_version(world, "one_mail", "send_message")
    await world.rows("UPDATE run SET state = 'active', due_at = :now RETURNING 1", now=world.now)
    await world.until_quiet("one_mail")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert len(world.channel.delivered) == 1


async def test_a_letter_that_breaks_the_renderer_does_not_stop_other_mail(world: World) -> None:
    await asked(world, people=3)
    render, faults = TemplateLibrary.render, [ZeroDivisionError("a bug")]

    class Breaking(TemplateLibrary):
        def render(self, *args: Any, **options: Any) -> RenderedMessage:
            if faults:
                raise faults.pop()
            return render(self, *args, **options)

    world.parts = replace(world.parts, library=Breaking(TEMPLATES))
    await world.until_quiet("one_mail")
    assert len(world.channel.delivered) == 2
    assert sorted(state for state, _, _ in await world.outcomes()) == ["ended", "ended", "held"]


async def test_a_zone_that_does_not_exist_is_as_good_as_none(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1, time_zone="Mars/Phobos")
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    assert await world.outcomes() == [("active", "visit", None)]


async def test_a_run_whose_contact_is_gone_is_not_due_for_ever(world: World) -> None:
    await world.publish(SCORING)
    for contact in await world.people(2):
        await world.event(contact, "Signed Up")
    await world.until_quiet("scoring")
    await world.rows("UPDATE run SET subject_id = 999999 WHERE id = 1 RETURNING 1")
    world.now += timedelta(hours=2)
    dues = [await next_due(world, shard) for shard in range(SIZES.advance_shards)]
    await world.until_quiet("scoring")
    assert all(due is None or due > world.now for due in dues)
    assert sorted(await world.outcomes()) == [
        ("ended", "done", "done"),
        ("ended", "settle", "contact_gone"),
    ]


async def next_due(world: World, shard: int) -> datetime | None:
    async with world.parts.store.transaction() as session:
        [(flow_id,)] = await world.rows("SELECT id FROM flow")
        advanced = await advance_due(
            session,
            world.parts.plans,
            world.parts.ledger(world.now, shard),
            flow_id=flow_id,
            shard=shard,
            limit=50,
        )
    return advanced.next_due


async def test_a_run_in_other_hands_is_looked_for_again_after_a_while(world: World) -> None:
    await world.publish(SCORING)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("scoring")
    world.now += timedelta(hours=2)
    async with world.store.store.transaction() as other:
        await other.execute(text("SELECT 1 FROM run FOR UPDATE"))
        dues = [await next_due(world, shard) for shard in range(SIZES.advance_shards)]
    [due] = [due for due in dues if due is not None]
    assert due == world.now + LOOK_AGAIN
