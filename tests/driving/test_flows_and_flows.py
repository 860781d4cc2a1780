"""Flows that start flows, hear of flows, and record events: once each, and never for ever."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from tests.driving.sales_world import flow
from tests.driving.world import PARTITIONS, Crash, World

START_OTHER = "{do: start_flow, flow: %s, exits: {started: done, refused: refused}}"
REFUSED = "  refused: {do: exit, outcome: refused}\n"


def other(entry: str = "once", more: str = "") -> str:
    return (
        f"flow: other\npurpose: service\ntrigger: {{on: manual}}\nentry: {entry}\n{more}"
        "steps:\n  pause: {do: wait, for: 1d, next: done}\n  done: {do: exit}\n"
    )


def starting(name: str = "first", target: str = "other", trigger: str = "Signed Up") -> str:
    return flow(name, START_OTHER % target, event=trigger, more=REFUSED)


def ending(name: str, outcome: str = "done") -> str:
    """A flow that whoever signs up enters and leaves at once."""
    return (
        f"flow: {name}\npurpose: service\ntrigger: {{on: event, event: Signed Up}}\n"
        f"entry: always\nsteps:\n  done: {{do: exit, outcome: {outcome}}}\n"
    )


async def runs_of(world: World, name: str) -> list[tuple[int, str, Any]]:
    found = await world.rows(
        "SELECT r.subject_id, r.state, r.outcome FROM run r JOIN flow f ON f.id = r.flow_id "
        "WHERE f.name = :name ORDER BY r.id",
        name=name,
    )
    return [(row[0], row[1], row[2]) for row in found]


async def events(world: World, name: str) -> list[Any]:
    found = await world.rows(
        "SELECT contact_id, source, kind, properties FROM event WHERE name = :name ORDER BY id",
        name=name,
    )
    return [tuple(row) for row in found]


async def test_somebody_enters_another_flow_by_its_own_policy(world: World) -> None:
    await world.publish(other())
    await world.publish(starting())
    ada, cleo = await world.people(2)
    for contact in (ada, cleo, ada):
        await world.event(contact, "Signed Up")
        await world.until_quiet("first", "other")
    assert await runs_of(world, "other") == [(ada, "active", None), (cleo, "active", None)]
    assert [run[2] for run in await runs_of(world, "first")] == ["done", "done", "refused"]
    entered = await world.rows(
        "SELECT e.name, e.properties->>'by' FROM run r JOIN event e ON e.id = r.entry_event_id "
        "JOIN flow f ON f.id = r.flow_id WHERE f.name = 'other'"
    )
    assert [tuple(row) for row in entered] == [("Flow Started", "first")] * 2


async def test_a_flow_that_does_not_run_refuses(world: World) -> None:
    await world.publish(other())
    await world.publish(starting())
    await world.rows(
        "UPDATE flow SET published_version_id = NULL WHERE name = 'other' RETURNING id"
    )
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("first")
    assert [run[2] for run in await runs_of(world, "first")] == ["refused"]


async def test_the_holdout_of_the_other_flow_counts(world: World) -> None:
    await world.publish(other(more="holdout: 100\n"))
    await world.publish(starting())
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("first", "other")
    assert await runs_of(world, "other") == [(ada, "ended", "holdout")]
    assert [run[2] for run in await runs_of(world, "first")] == ["done"]


async def test_two_flows_that_start_each_other_come_to_an_end(world: World) -> None:
    await world.publish(ending("pong"))
    await world.publish(starting("ping", "pong"))
    await world.publish(starting("pong", "ping", trigger="Never"))
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("ping", "pong")
    assert len(await runs_of(world, "ping")) == 3
    assert [run[2] for run in await runs_of(world, "pong")] == ["done", "done", "refused"]


async def test_another_flow_hears_of_the_end_it_asked_for_and_of_no_other(world: World) -> None:
    await world.publish(ending("first", "bought"))
    await world.publish(ending("second", "left"))
    await world.publish(
        "flow: thanks\npurpose: service\n"
        "trigger: {on: flow, flow: first, when: ended, outcome: bought}\n"
        "entry: {once_per: run_id}\nsteps:\n  done: {do: exit}\n"
    )
    ada, cleo = await world.people(2)
    for contact in (ada, cleo, ada):
        await world.event(contact, "Signed Up")
    await world.until_quiet("first", "second", "thanks")
    assert sorted(run[0] for run in await runs_of(world, "thanks")) == [ada, ada, cleo]
    told = await events(world, "Flow Ended")
    assert len(told) == 3
    assert {(row[1], row[2], row[3]["flow"], row[3]["outcome"]) for row in told} == {
        ("cadenza", "flow", "first", "bought")
    }


@pytest.mark.parametrize("moment", ["entered", "ended"])
async def test_nothing_is_told_when_nobody_wants_to_hear(world: World, moment: str) -> None:
    await world.publish(ending("first"))
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("first")
    assert await events(world, f"Flow {moment.capitalize()}") == []


async def test_whoever_enters_a_flow_may_enter_another_one(world: World) -> None:
    await world.publish(flow("first", "{do: wait, for: 1d, next: done}"))
    await world.publish(
        "flow: beside\npurpose: service\ntrigger: {on: flow, flow: first, when: entered}\n"
        "steps:\n  done: {do: exit}\n"
    )
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("first", "beside")
    assert await runs_of(world, "beside") == [(ada, "ended", "done")]


async def test_a_flow_that_starts_itself_at_its_end_comes_to_an_end(world: World) -> None:
    await world.publish(
        "flow: again\npurpose: service\ntrigger: {on: flow, flow: again}\nentry: always\n"
        "steps:\n  done: {do: exit}\n"
    )
    await world.publish(starting("first", "again"))
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("first", "again")
    assert 1 <= len(await runs_of(world, "again")) <= 4


RECORDING = """
flow: recording
purpose: service
trigger: {on: event, event: Signed Up}
entry: always
steps:
  tell:
    do: record_event
    event: Became Keen
    properties: {level: 2, note: null}
    compute: {points: {"+": [{var: contact.score}, 1]}}
    next: done
  done: {do: exit}
"""


async def test_a_recorded_event_wakes_starts_and_counts(world: World) -> None:
    await world.publish(RECORDING)
    await world.publish(
        flow("keen", "{do: wait, for: 1d, next: done}", event="Became Keen").replace(
            "event: Became Keen}",
            'event: Became Keen, when: {"==": [{var: event.properties.points}, 1]}}',
        )
    )
    await world.publish(
        flow("waiting", "{do: wait_for, event: Became Keen, timeout: 5d, next: done}")
    )
    ada, cleo = await world.people(2)
    await world.rows(f"UPDATE contact SET score = 7 WHERE id = {cleo} RETURNING id")
    for contact in (ada, cleo):
        await world.event(contact, "Signed Up")
    await world.until_quiet("recording", "keen", "waiting")
    assert await runs_of(world, "keen") == [(ada, "active", None)]
    assert {run[2] for run in await runs_of(world, "waiting")} == {"done"}
    told = await events(world, "Became Keen")
    assert sorted((row[0], row[1], row[3]["points"], row[3]["level"]) for row in told) == [
        (ada, "cadenza", 1, 2),
        (cleo, "cadenza", 8, 2),
    ]
    assert {row[3]["caused_by"]["flows"]["recording"] for row in told} == {1}


async def test_a_flow_that_records_what_starts_it_comes_to_an_end(world: World) -> None:
    await world.publish(RECORDING.replace("event: Signed Up", "event: Became Keen"))
    (ada,) = await world.people(1)
    await world.event(ada, "Became Keen")
    await world.until_quiet("recording")
    assert len(await events(world, "Became Keen")) == 4
    assert len(await runs_of(world, "recording")) == 3


async def test_calls_of_a_hook_start_the_flows_of_their_source_and_name(world: World) -> None:
    await world.rows(
        "INSERT INTO hook_source (name, secret, contact_paths) VALUES ('shop', 'x', '{}') "
        "RETURNING id"
    )
    for name, trigger in (
        ("plain", "{on: webhook, source: shop}"),
        ("paid", "{on: webhook, source: shop, event: order/paid}"),
    ):
        await world.publish(
            f"flow: {name}\npurpose: service\ntrigger: {trigger}\nentry: always\n"
            "steps:\n  done: {do: exit}\n"
        )
    (ada,) = await world.people(1)
    for number, (source, name) in enumerate(
        [
            ("hook:shop", "Webhook Received"),
            ("hook:shop", "order/paid"),
            ("hook:other", "order/paid"),
            ("website", "order/paid"),
        ]
    ):
        await world.rows(
            "WITH e AS (INSERT INTO event (source, message_id, kind, name, contact_id, properties, "
            "occurred_at, received_at) VALUES (:source, :id, 'hook', :name, :contact, '{}', :now, "
            ":now) RETURNING id) INSERT INTO event_pending (event_id, partition) "
            "SELECT id, 0 FROM e RETURNING event_id",
            source=source,
            id=str(number),
            name=name,
            contact=ada,
            now=world.now,
        )
    await world.until_quiet("plain", "paid")
    assert len(await runs_of(world, "plain")) == 1
    assert len(await runs_of(world, "paid")) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_crash_around_the_commit_starts_and_tells_once(world: World, moment: str) -> None:
    await world.publish(other("always"))
    await world.publish(RECORDING)
    await world.publish(starting())
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    world.store.dies = lambda: moment
    for partition in range(PARTITIONS):
        with contextlib.suppress(Crash):
            await world.dispatch(partition, world.new_worker("dying"))
    world.store.dies = lambda: None
    await world.until_quiet("first", "other", "recording")
    assert len(await runs_of(world, "other")) == 1
    assert len(await events(world, "Became Keen")) == 1
    assert len(await events(world, "Flow Started")) == 1
