"""A message that waits is seen: in the run's story, in why, and it is cancelled with its run."""

from __future__ import annotations

from datetime import timedelta

from crm_store.session import Store
from designer.formats import Formats
from designer.i18n import translator
from designer.timeline import Teller
from engine.services.actor import SYSTEM
from engine.services.sending import editing
from engine.services.views.runs import run_page
from engine.services.why import why_here
from tests.driving.world import CrashingStore, RememberingChannel, World

FLOW = """
flow: greeting
label: Greeting
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
exit_when: {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}
entry: once
steps:
  hello: {do: send_message, template: win_back, next: done}
  done: {do: exit}
"""
NIGHT = "quiet_hours: [{from: '08:00', until: '12:00'}]"


async def waiting(store: Store) -> World:
    return await waiting_in(World(CrashingStore(store), RememberingChannel()))


async def waiting_in(world: World) -> World:
    async with world.store.transaction() as session:
        await editing.save(session, SYSTEM, NIGHT, world.now)
    await world.publish(FLOW)
    (ada,) = await world.people(1, country="IS")
    await world.event(ada, "Signed Up")
    await world.until_quiet("greeting")
    assert world.channel.delivered == []
    return world


async def test_it_goes_when_its_time_has_come_and_its_story_says_why(store: Store) -> None:
    world = await waiting(store)
    async with store.transaction() as session:
        (run_id,) = (await world.runs())[0][:1]
        here = await why_here(session, SYSTEM, run_id, plans=world.parts.plans, now=world.now)
        run = await run_page(session, SYSTEM, run_id)
    [finding] = here.findings
    assert (finding.code, finding.details["reason"]) == ("message_waits", "quiet_hours")
    assert "免打扰" in finding.said["zh"]
    line = Teller(run, translator("en"), Formats("en", "UTC"), "UTC").lines()[-1]
    assert line.title == "The message waits until Mon 2 Mar 2026, 12:00"
    assert line.why == ("It is quiet hours where the contact lives (08:00-12:00).",)
    world.now += timedelta(hours=3)
    await world.until_quiet("greeting")
    assert len(world.channel.delivered) == 1
    async with store.transaction() as session:
        run = await run_page(session, SYSTEM, run_id)
    titles = [
        one.title for one in Teller(run, translator("en"), Formats("en", "UTC"), "UTC").lines()
    ]
    assert titles[-3:] == [
        "The message had to wait until Mon 2 Mar 2026, 12:00",
        "Message sent to person0@example.com",
        "Reached the end",
    ]


async def test_who_leaves_while_a_message_waits_gets_none(store: Store) -> None:
    world = await waiting(store)
    await world.rows("UPDATE contact SET lifecycle_stage = 'customer' RETURNING 1")
    [(ada,)] = await world.rows("SELECT id FROM contact")
    await world.event(ada, "Anything")
    await world.until_quiet("greeting")
    world.now += timedelta(hours=3)
    await world.until_quiet("greeting")
    assert world.channel.delivered == []
    assert await world.effects() == [("done", "withheld")]


async def test_a_paused_flow_keeps_what_waits(store: Store) -> None:
    world = await waiting(store)
    await world.pause("greeting")
    world.now += timedelta(hours=3)
    await world.until_quiet("greeting")
    assert world.channel.delivered == []
    await world.resume("greeting")
    await world.until_quiet("greeting")
    assert len(world.channel.delivered) == 1


async def queued(world: World) -> list[tuple[str, ...]]:
    return [
        tuple(row)
        for row in await world.rows(
            "SELECT e.name, e.properties->>'reason', e.properties->>'template' FROM event e"
            " WHERE e.name LIKE 'Message %' ORDER BY e.id"
        )
    ]


async def test_waiting_is_an_event_of_the_contact_once_however_often_it_is_looked_at(
    store: Store,
) -> None:
    world = await waiting(store)
    assert await queued(world) == [("Message Queued", "quiet_hours", "win_back")]
    await world.rows("UPDATE effect SET not_before = now() - interval '1 year' RETURNING 1")
    await world.until_quiet("greeting")
    assert world.channel.delivered == []
    world.now += timedelta(hours=3)
    await world.until_quiet("greeting")
    assert [one[0] for one in await queued(world)] == ["Message Queued", "Message Sent"]


LISTENER = """
flow: listener
label: Listener
subject: contact
purpose: service
trigger: {on: event, event: Message Queued}
entry: once
steps:
  note: {do: record_event, event: Noted, next: done}
  done: {do: exit}
"""


async def test_a_flow_starts_from_a_message_that_waits(store: Store) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(LISTENER)
    await waiting_in(world)
    await world.until_quiet("listener")
    assert ("Noted",) in await world.rows("SELECT name FROM event")
