"""Messages about a topic that go together in one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from crm_store.session import Store
from engine.activities.due_dates import DueDateActivities
from engine.sending import DigestRule
from engine.sending.digests import due_after
from engine.services.actor import SYSTEM
from engine.services.links.viewing import letter_again
from engine.services.sending import editing
from engine.services.sending.digests import send_due
from engine.workflows.shared import DueDatesInput
from tests.driving.world import SIZES, CrashingStore, RememberingChannel, World

FLOW = """
flow: {name}
label: Tips
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {{on: event, event: {event}}}
entry: always
steps:
  hello: {{do: send_message, template: {template}, next: done}}
  done: {{do: exit}}
"""
POLICY = "digests: [{topic: tips, every: daily, at: '08:00'}]"


@pytest.mark.parametrize(
    ("rule", "now", "due"),
    [
        (DigestRule("t"), "2026-03-02T07:00+00:00", "2026-03-02T08:00+00:00"),
        (DigestRule("t"), "2026-03-02T08:00+00:00", "2026-03-03T08:00+00:00"),
        (DigestRule("t", "weekly", time(9), 4), "2026-03-02T08:00+00:00", "2026-03-06T09:00+00:00"),
        (DigestRule("t", "weekly", time(9), 0), "2026-03-02T09:00+00:00", "2026-03-09T09:00+00:00"),
    ],
)
def test_a_digest_goes_at_the_next_local_time(rule: DigestRule, now: str, due: str) -> None:
    moment = due_after(rule, datetime.fromisoformat(now), "UTC")
    assert moment == datetime.fromisoformat(due)


def test_a_digest_in_a_skipped_hour_goes_behind_the_gap() -> None:
    rule = DigestRule("t", "daily", time(2, 30))
    due = due_after(rule, datetime(2026, 3, 28, 20, tzinfo=UTC), "Europe/Berlin")
    assert due == datetime(2026, 3, 29, 1, tzinfo=UTC)


async def collected(store: Store) -> tuple[World, int]:
    """Two tips and one offer for one contact: the offer went, the tips were collected."""
    world = World(CrashingStore(store), RememberingChannel())
    async with store.transaction() as session:
        await editing.save(session, SYSTEM, POLICY, world.now)
    await world.publish(FLOW.format(name="tips", event="Joined", template="care_tips_start"))
    await world.publish(FLOW.format(name="more_tips", event="Joined", template="care_tips_month"))
    await world.publish(FLOW.format(name="offers", event="Joined", template="offer"))
    (ada,) = await world.people(1, country="SG")
    await world.event(ada, "Joined")
    await world.until_quiet("tips", "more_tips", "offers")
    return world, ada


async def send(world: World) -> int:
    async with world.store.store.transaction() as session:
        sent = await send_due(
            session,
            world.parts.plans,
            world.parts.library,
            now=world.now,
            limit=100,
            advance_shards=SIZES.advance_shards,
        )
    await world.until_quiet("digest")
    return sent.entered


async def test_tips_of_a_day_go_together_in_the_morning(store: Store) -> None:
    world, ada = await collected(store)
    assert len(world.channel.delivered) == 1
    receipts = await world.rows("SELECT receipt->>'reason' FROM effect WHERE kind = 'send_message'")
    assert sorted(row[0] or "" for row in receipts) == ["", "in_digest", "in_digest"]
    assert await send(world) == 0
    # eight in the morning in Singapore
    world.now = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert await send(world) == 1
    assert await send(world) == 0
    assert len(world.channel.delivered) == 2
    digest = world.channel.delivered[-1]
    subjects = await world.rows("SELECT subject FROM digest_item ORDER BY id")
    assert all(subject in digest.text for (subject,) in subjects)
    # both, and the digest itself
    assert digest.text.count("/v/") == 3
    async with store.transaction() as session:
        ids = await session.scalars(text("SELECT effect_id FROM message ORDER BY id DESC LIMIT 1"))
        shown = await letter_again(
            session, ids.one(), library=world.parts.library, settings=world.parts.sender
        )
    assert shown is not None
    assert all(subject in shown for (subject,) in subjects)
    states = await world.rows("SELECT state FROM message WHERE contact_id = :ada", ada=ada)
    assert sorted(row[0] for row in states) == ["collected", "collected", "sent", "sent"]


async def test_the_look_at_dates_sends_what_is_due_and_says_when_more_is(store: Store) -> None:
    world, _ = await collected(store)
    look = DueDateActivities(world.parts).look
    first = await ActivityEnvironment().run(look, DueDatesInput(900))
    morning = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert first.next_due == morning.timestamp()
    world.now = morning
    second = await ActivityEnvironment().run(look, DueDatesInput(900))
    assert (second.done, second.next_due) == (1, None)
    await world.until_quiet("digest")
    assert world.channel.delivered[-1].subject == "Person 0, here is what is new"


async def test_who_said_no_meanwhile_gets_no_digest(store: Store) -> None:
    world, _ = await collected(store)
    await world.rows("UPDATE consent SET granted = false RETURNING 1")
    world.now += timedelta(days=1)
    assert await send(world) == 1
    assert len(world.channel.delivered) == 1
    assert (await world.rows("SELECT outcome, state FROM run ORDER BY id DESC LIMIT 1"))[0][
        1
    ] == "ended"
    async with store.transaction() as session:
        left = await session.scalar(text("SELECT count(*) FROM digest_item WHERE run_id IS NULL"))
    assert left == 0
