"""A change of a record becomes an event: it starts flows, wakes runs, ends them; never for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from engine.services.changes.announcing import Announcer
from engine.services.events import Batch, Intake, Reader
from tests.driving.world import PARTITIONS, World

_SECOND = timedelta(seconds=1)

MOVED = """
flow: moved
label: Moved to Malaysia
subject: contact
purpose: service
trigger:
  on: event
  event: Contact Updated
  when: {"changed_to": [{"var": "contact.country"}, "MY"]}
entry: always
steps:
  mark: {do: update_record, add_tags: [moved], next: done}
  done: {do: exit}
"""
WINNING = """
flow: winning
label: Win them
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
exit_when: {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}
steps:
  settle: {do: wait, for: P30D, next: done}
  done:   {do: exit}
"""
BUYING = """
flow: buying
label: They bought
subject: contact
purpose: service
trigger: {on: event, event: Order Completed}
entry: always
steps:
  set:  {do: update_record, set: {lifecycle_stage: customer}, next: done}
  done: {do: exit}
"""


def flip(name: str, seen: str, answer: str, pause: str = "") -> str:
    """A flow that answers a change of country with another one."""
    first = f"  pause: {{do: wait, for: {pause}, next: set}}\n" if pause else ""
    return (
        f"flow: {name}\nlabel: {name}\nsubject: contact\npurpose: service\n"
        "trigger:\n  on: event\n  event: Contact Updated\n"
        f'  when: {{"changed_to": [{{"var": "contact.country"}}, "{seen}"]}}\n'
        f"entry: always\nsteps:\n{first}"
        f"  set:  {{do: update_record, set: {{country: {answer}}}, next: done}}\n"
        "  done: {do: exit}\n"
    )


async def told(world: World) -> list[tuple[str, int, Any]]:
    """(name, contact, changes) of the events that Cadenza itself wrote."""
    rows = await world.rows(
        "SELECT name, contact_id, properties -> 'changes' FROM event WHERE source = 'cadenza'"
        " AND kind = 'record' ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def identify(world: World, user: str, **traits: Any) -> None:
    world.events += 1
    call = {"type": "identify", "userId": user, "traits": traits, "messageId": f"i{world.events}"}
    items, refused = Reader("website", world.now, 32_000).batch({"batch": [call]})
    assert not refused
    await Intake(world.store.store, PARTITIONS).accept(Batch(tuple(items)), world.now)


async def by_hand(world: World, *statements: str) -> frozenset[int]:
    """A door that writes with SQL and then tells of it."""
    async with world.store.store.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))
        return await Announcer(world.parts.plans, PARTITIONS).announce(session, world.now)


async def test_an_identify_that_moves_a_contact_starts_a_flow(world: World) -> None:
    await world.publish(MOVED)
    await identify(world, "ada", country="SG")
    await world.until_quiet("moved")
    assert await world.outcomes() == []
    await identify(world, "ada", country="MY")
    await world.until_quiet("moved")
    assert [state for state, _, _ in await world.outcomes()] == ["ended"]
    assert await world.rows("SELECT tag FROM contact_tag") == [("moved",)]
    ours = await told(world)
    assert ours[0] == ("Contact Updated", 1, {"country": ["SG", "MY"]})
    assert ours[1] == ("Contact Updated", 1, {"tags": {"added": ["moved"], "removed": []}})


async def test_nobody_is_told_of_what_nobody_asks_about(world: World) -> None:
    await world.publish(WINNING)
    await identify(world, "ada", country="SG")
    await identify(world, "ada", country="MY", firstName="Ada")
    assert await told(world) == []
    await identify(world, "ada", lifecycleStage="opportunity")
    assert await told(world) == [
        ("Contact Updated", 1, {"lifecycle_stage": ["lead", "opportunity"]})
    ]


async def test_what_one_flow_writes_ends_the_run_of_another(world: World) -> None:
    await world.publish(WINNING)
    await world.publish(BUYING)
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("winning", "buying")
    await world.event(ada, "Order Completed")
    await world.until_quiet("winning", "buying")
    assert await world.outcomes() == [("ended", "settle", "exit_rule"), ("ended", "done", "done")]


async def test_older_versions_with_people_in_them_still_hear_of_changes(world: World) -> None:
    await world.publish(WINNING)
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("winning")
    await world.publish(
        WINNING.replace(
            '"==": [{"var": "contact.lifecycle_stage"}, "customer"]',
            '"==": [{"var": "contact.city"}, "Ipoh"]',
        )
    )
    assert await by_hand(world, "UPDATE contact SET lifecycle_stage = 'customer'")
    await world.until_quiet("winning")
    assert [state for state, _, _ in await world.outcomes()] == ["ended"]


async def test_a_new_contact_is_told_of(world: World) -> None:
    await world.publish(
        MOVED.replace("Contact Updated", "Contact Created").replace(
            '{"changed_to": [{"var": "contact.country"}, "MY"]}', "true"
        )
    )
    await identify(world, "ada", country="SG")
    await identify(world, "ada", country="MY")
    assert [(name, contact) for name, contact, _ in await told(world)] == [("Contact Created", 1)]
    await world.until_quiet("moved")
    assert len(await world.outcomes()) == 1


@pytest.mark.parametrize("pause", ["", "PT1S"])
async def test_flows_that_answer_each_other_come_to_rest(world: World, pause: str) -> None:
    await world.publish(flip("to_singapore", "MY", "SG", pause))
    await world.publish(flip("to_malaysia", "SG", "MY", pause))
    await world.people(1, country="TH")
    await by_hand(world, "UPDATE contact SET country = 'MY'")
    for _ in range(12):
        await world.until_quiet("to_singapore", "to_malaysia")
        world.now = world.now.replace(microsecond=0) + _SECOND
    runs = await world.rows(
        "SELECT f.name, count(*) FROM run r JOIN flow f ON f.id = r.flow_id GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in runs] == [("to_malaysia", 3), ("to_singapore", 3)]
    # an event from outside begins anew
    await by_hand(
        world,
        "UPDATE contact SET country = 'TH'",
    )
    await by_hand(world, "UPDATE contact SET country = 'MY'")
    await world.until_quiet("to_singapore", "to_malaysia")
    assert len(await world.outcomes()) > 6


async def test_runs_that_wake_each_other_come_to_rest(world: World) -> None:
    waiting = """
flow: {name}
label: Watch
subject: contact
purpose: service
trigger: {{on: event, event: Signed Up}}
entry: once
steps:
  watch: {{do: wait_for, event: Contact Updated, timeout: P30D,
          exits: {{happened: add, timed_out: done}}}}
  add:   {{do: adjust_score, by: 1, next: watch}}
  done:  {{do: exit}}
"""
    await world.publish(waiting.format(name="one"))
    await world.publish(waiting.format(name="two"))
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("one", "two")
    await by_hand(world, "UPDATE contact SET city = 'Ipoh'")
    await world.until_quiet("one", "two")
    ((score,),) = await world.rows("SELECT score FROM contact")
    assert 2 <= score <= 8


async def test_one_event_tells_of_all_that_a_transaction_changed(world: World) -> None:
    await world.publish(flip("any", "MY", "SG"))
    await world.people(2, country="TH")
    touched = await by_hand(
        world,
        "UPDATE contact SET country = 'SG', score = 5",
        "UPDATE contact SET country = 'MY' WHERE id = 1",
        "UPDATE contact SET country = 'TH' WHERE id = 2",
        "INSERT INTO tag (name) VALUES ('vip'), ('press')",
        "INSERT INTO contact_tag VALUES (1, 'vip'), (1, 'press')",
        "DELETE FROM contact_tag WHERE tag = 'press'",
    )
    assert await told(world) == [
        (
            "Contact Updated",
            1,
            {"country": ["TH", "MY"], "score": [0, 5], "tags": {"added": ["vip"], "removed": []}},
        ),
        ("Contact Updated", 2, {"score": [0, 5]}),
    ]
    pending = await world.rows("SELECT DISTINCT partition FROM event_pending")
    assert {row[0] for row in pending} == touched


async def test_telling_twice_in_a_transaction_tells_nothing_twice(world: World) -> None:
    await world.publish(MOVED)
    await world.people(1, country="TH")
    announcer = Announcer(world.parts.plans, PARTITIONS)
    async with world.store.store.transaction() as session:
        await session.execute(text("UPDATE contact SET country = 'SG'"))
        await announcer.announce(session, world.now)
        assert not await announcer.announce(session, world.now)
        await session.execute(text("UPDATE contact SET country = 'MY'"))
        await announcer.announce(session, world.now)
    assert [changes for _, _, changes in await told(world)] == [
        {"country": ["TH", "SG"]},
        {"country": ["SG", "MY"]},
    ]


async def test_a_restored_backup_tells_nothing_again(world: World) -> None:
    """Its server counts transactions anew, and one day the number of an old one comes back."""
    await world.publish(MOVED)
    await world.people(1, country="TH")
    touched = await by_hand(
        world,
        """INSERT INTO field_change (record, record_id, contact_id, field, old, new, changed_at,
                                     transaction_id)
           VALUES ('contact', 1, 1, 'country', '"SG"', '"MY"', now() - interval '1 day',
                   CAST(CAST(pg_current_xact_id() AS text) AS bigint))""",
    )
    assert not touched


async def test_somebody_elses_event_of_that_name_changes_nothing(world: World) -> None:
    await world.publish(MOVED)
    (ada,) = await world.people(1)
    await world.event(ada, "Contact Updated", record="contact", changes={"country": ["SG", "MY"]})
    await world.until_quiet("moved")
    assert await world.outcomes() == []


async def test_a_won_deal_starts_a_flow_of_its_contact(world: World) -> None:
    await world.publish(
        MOVED.replace("Contact Updated", "Deal Updated").replace(
            '{"changed_to": [{"var": "contact.country"}, "MY"]}',
            '{"and": [{"changed_to": [{"var": "deal.stage_kind"}, "won"]},'
            ' {"increased_by": [{"var": "deal.amount"}, {"money": [50, "EUR"]}]}]}',
        )
    )
    await world.people(1)
    await by_hand(
        world,
        "INSERT INTO pipeline (key, label) VALUES ('sales', 'Sales')",
        """INSERT INTO stage (pipeline_id, key, label, kind, position, probability_percent,
           forecast_category) VALUES (1, 'new', 'New', 'open', 0, 10, 'pipeline'),
           (1, 'signed', 'Signed', 'won', 1, 100, 'closed')""",
        """INSERT INTO deal (name, contact_id, pipeline_id, stage_id, stage_entered_at,
           forecast_category, opened_at, amount_minor, currency)
           VALUES ('Deal', 1, 1, 1, now(), 'pipeline', now(), 100, 'EUR'),
           ('Nobody''s', NULL, 1, 1, now(), 'pipeline', now(), 100, 'EUR')""",
    )
    await by_hand(world, "UPDATE deal SET stage_id = 2")
    await by_hand(world, "UPDATE deal SET stage_id = 1")
    await by_hand(world, "UPDATE deal SET stage_id = 2, amount_minor = 150")
    await world.until_quiet("moved")
    assert len(await world.outcomes()) == 1
    assert len(await told(world)) == 3
