"""Two contacts that are one person: nothing is lost, nothing sent twice, nobody enters again."""

from __future__ import annotations

import asyncio
import os
import random
from datetime import timedelta
from typing import Any

import pytest

from crm_store import giving_way, merging
from crm_store.consents import suppressions_of
from crm_store.models import Base
from crm_store.record_changes import hold_contacts
from crm_store.runs import lock_runs
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.services import consent
from engine.services.actor import SYSTEM, Actor
from engine.services.events import Batch, Item
from engine.services.events.accepting import Accepting
from engine.services.merging import FieldPolicy, Merged, merge_contacts, preview_merge
from tests.driving.test_driving import WELCOME
from tests.driving.test_order import LISTENING
from tests.driving.world import PARTITIONS, World

PER_ORDER = """
flow: per_order
label: Per order
subject: contact
purpose: service
trigger: {on: event, event: Ordered}
entry: {once_per: number}
steps:
  rest: {do: wait, for: P1D, next: note}
  note: {do: send_message, template: welcome, next: done}
  done: {do: exit}
"""


async def merge(world: World, keep: int, lose: int, **policy: Any) -> Merged:
    async def once() -> Merged:
        async with world.store.store.transaction() as session:
            return await merge_contacts(
                session,
                SYSTEM,
                keep,
                lose,
                FieldPolicy(**policy),
                plans=world.parts.plans,
                announcer=world.parts.announcer,
                now=world.now,
                zone="UTC",
            )

    return await giving_way.again_and_again(once, 8)


async def count(world: World, sql: str, **values: Any) -> int:
    return int((await world.rows(sql, **values))[0][0])


async def test_every_table_that_names_a_contact_is_carried_over() -> None:
    named = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in ("contact_id", "subject_id")
        or any(key.column.table.name == "contact" for key in column.foreign_keys)
    }
    assert named - {"audit"} <= merging.CARRIED


async def test_both_inside_the_same_flow_go_on_as_one(world: World) -> None:
    await world.publish(LISTENING)
    ada, twin = await world.people(2)
    for one in (ada, twin):
        await world.event(one, "Signed Up")
    await world.until_quiet("listening")
    merged = await merge(world, ada, twin)
    assert (merged.runs.moved, merged.runs.ended) == (0, 1)
    assert {row[2] for row in await world.outcomes()} == {None, "merged"}
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("listening")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]
    # whoever was in under either name does not come in again
    await world.event(ada, "Signed Up")
    await world.until_quiet("listening")
    assert len(await world.outcomes()) == 2


async def test_a_run_goes_on_where_only_the_lost_contact_was_inside(world: World) -> None:
    await world.publish(WELCOME)
    ada, twin = await world.people(2)
    await world.event(twin, "Signed Up")
    await world.dispatch_all()
    assert [state for state, _ in await world.effects()] == ["pending"]
    await merge(world, ada, twin)
    await world.until_quiet("welcome_test")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 1


async def test_who_has_been_through_a_flow_does_not_go_on_in_it_as_the_other(world: World) -> None:
    await world.publish(WELCOME)
    ada, twin = await world.people(2)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    await world.rows("UPDATE run SET state = 'ended', due_at = NULL, outcome = 'done' RETURNING 1")
    await world.event(twin, "Signed Up")
    await world.dispatch_all()
    await merge(world, ada, twin)
    await world.until_quiet("welcome_test")
    assert {row[2] for row in await world.outcomes()} == {"done", "merged"}
    assert len(world.channel.delivered) == 1


async def test_runs_for_different_occasions_go_on_side_by_side(world: World) -> None:
    await world.publish(PER_ORDER)
    ada, twin = await world.people(2)
    await world.event(ada, "Ordered", number=1)
    await world.event(twin, "Ordered", number=1)
    await world.event(twin, "Ordered", number=2)
    await world.until_quiet("per_order")
    merged = await merge(world, ada, twin)
    assert (merged.runs.moved, merged.runs.ended) == (1, 1)
    world.now += timedelta(days=1)
    await world.until_quiet("per_order")
    assert len(world.channel.delivered) == 2


async def test_late_events_of_either_name_find_the_contact_that_stays(world: World) -> None:
    ada, twin = await world.people(2)
    await world.rows("UPDATE contact SET external_id = 'ada-' || id RETURNING 1")
    await merge(world, ada, twin)
    accepting = Accepting(world.store.store, world.parts.announcer)
    who: list[dict[str, str]] = [
        {"user_id": f"ada-{twin}"},
        {"user_id": f"ada-{ada}"},
        {"address": "Person1@example.com"},
    ]
    late = [
        Item("test", n, "track", f"late-{n}", "Late", world.now, **names)  # type: ignore[arg-type]
        for n, names in enumerate(who)
    ]
    await accepting.accept([Batch(tuple(late))], world.now)
    assert await world.rows("SELECT DISTINCT contact_id FROM event WHERE name = 'Late'") == [(ada,)]
    assert await count(world, "SELECT count(*) FROM contact") == 1


async def test_a_link_in_an_old_letter_still_stops_mail(world: World) -> None:
    ada, twin = await world.people(2)
    await merge(world, ada, twin)
    async with world.store.store.transaction() as session:
        change = await consent.withdraw(
            session, SYSTEM, twin, source="link", now=world.now, partitions=PARTITIONS
        )
    assert change.changed
    assert await world.rows("SELECT contact_id, granted FROM consent") == [(ada, False)]


@pytest.mark.parametrize(
    ("mine", "theirs", "take", "expected"),
    [
        (True, False, (), False),
        (False, True, (), False),
        (None, False, (), False),
        (True, None, (), True),
        # a yes was given for an address, and that address goes
        (None, True, (), None),
        (None, True, ("email",), True),
        (True, None, ("email",), None),
        (True, True, ("email",), True),
    ],
)
async def test_the_stricter_wish_stands(
    world: World, mine: Any, theirs: Any, take: tuple[str, ...], expected: Any
) -> None:
    ada, twin = await world.people(2)
    for contact, granted in ((ada, mine), (twin, theirs)):
        if granted is None:
            await world.rows("DELETE FROM consent WHERE contact_id = :id RETURNING 1", id=contact)
        else:
            await world.rows(
                "UPDATE consent SET granted = :granted WHERE contact_id = :id RETURNING 1",
                granted=granted,
                id=contact,
            )
    await merge(world, ada, twin, take=frozenset(take))
    found = [row[0] for row in await world.rows("SELECT granted FROM consent")]
    assert found == ([] if expected is None else [expected])


async def test_values_that_stand_and_values_that_are_taken(world: World) -> None:
    ada, twin = await world.people(2)
    await world.rows(
        """UPDATE contact SET city = 'Galle', custom = '{"plan": "a"}' WHERE id = :id
        RETURNING 1""",
        id=ada,
    )
    await world.rows(
        """UPDATE contact SET city = 'Kandy', phone = '+6561', birthday = '1990-01-02',
           custom = '{"plan": "b", "size": 2}' WHERE id = :id RETURNING 1""",
        id=twin,
    )
    merged = await merge(world, ada, twin, take=frozenset({"email", "custom.plan"}))
    assert merged.fields == ("birthday", "custom", "email", "phone")
    [row] = await world.rows("SELECT city, phone, email, custom FROM contact")
    assert tuple(row) == ("Galle", "+6561", "person1@example.com", {"plan": "b", "size": 2})
    changed = await world.rows(
        "SELECT field FROM field_change WHERE contact_id = :id AND record = 'contact'", id=ada
    )
    assert {row[0] for row in changed} >= {"phone", "email", "custom.plan", "custom.size"}
    [(verb, before)] = await world.rows("SELECT verb, before FROM audit WHERE verb = 'merge'")
    assert (verb, before["email"]) == ("merge", "person1@example.com")


async def test_a_preview_says_the_same_and_changes_nothing(world: World) -> None:
    await world.publish(WELCOME)
    ada, twin = await world.people(2)
    await world.event(twin, "Signed Up")
    await world.until_quiet("welcome_test")
    async with world.store.store.transaction() as session:
        said = await preview_merge(
            session,
            SYSTEM,
            ada,
            twin,
            plans=world.parts.plans,
            announcer=world.parts.announcer,
            now=world.now,
            zone="UTC",
        )
    assert await count(world, "SELECT count(*) FROM contact") == 2
    assert await merge(world, ada, twin) == said


async def test_who_wanted_nothing_at_all_still_gets_nothing(world: World) -> None:
    ada, twin = await world.people(2)
    for person, phone in ((ada, "+6580000001"), (twin, "+6580000002")):
        await world.rows(
            "UPDATE contact SET phone = :phone WHERE id = :id RETURNING 1", phone=phone, id=person
        )
    async with world.store.store.transaction() as session:
        await consent.withdraw(
            session, SYSTEM, twin, source="x", now=world.now, partitions=PARTITIONS, all_mail=True
        )
    await merge(world, ada, twin)
    async with world.store.store.transaction() as session:
        found = await suppressions_of(session, ada)
    assert found == [(medium, "unsubscribed") for medium in ("chat", "email", "sms", "webhook")]


async def test_what_cannot_be_merged(world: World) -> None:
    ada, twin = await world.people(2)
    with pytest.raises(Conflict):
        await merge(world, ada, ada)
    with pytest.raises(NotFound):
        await merge(world, ada, 999)
    with pytest.raises(Refused):
        await merge(world, ada, twin, take=frozenset({"planet"}))
    async with world.store.store.transaction() as session:
        with pytest.raises(NotAllowed):
            await merge_contacts(
                session,
                Actor("user", 1, "Cleo", "viewer"),
                ada,
                twin,
                plans=world.parts.plans,
                announcer=world.parts.announcer,
                now=world.now,
                zone="UTC",
            )


async def test_a_merge_gives_way_to_a_driver_and_comes_again(world: World) -> None:
    await world.publish(LISTENING)
    ada, twin = await world.people(2)
    await world.event(twin, "Signed Up")
    await world.until_quiet("listening")
    async with asyncio.timeout(30):
        async with world.store.store.transaction() as session:
            rows = await world.runs()
            await lock_runs(session, [row.id for row in rows])
            merging_ = asyncio.create_task(merge(world, ada, twin))
            await asyncio.sleep(0.7)
            assert not merging_.done()
            # the driver goes on to the contact, which the merge has let go of
            await hold_contacts(session, [twin])
        await merging_
    assert await world.rows("SELECT subject_id FROM run") == [(ada,)]


SEEDS = range(int(os.environ.get("HISTORIES", "2")))
FLOWS = ("listening", "welcome_test", "per_order")
NAMES = ("Signed Up", "Visited Pricing", "Ordered")


@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_is_lost_whatever_both_went_through(world: World, seed: int) -> None:
    dice = random.Random(seed)
    for source in (LISTENING, WELCOME, PER_ORDER):
        await world.publish(source)
    people = await world.people(4)
    keep, lose = people[:2]
    await fill(world, dice, people[:2])
    for _ in range(dice.randrange(3, 14)):
        await world.event(dice.choice(people), dice.choice(NAMES), number=dice.randrange(3))
        if dice.random() < 0.5:
            await world.dispatch_all()
        if dice.random() < 0.3:
            await world.perform_all()
        world.now += timedelta(hours=dice.choice([0, 1, 30]))
    before = await figures(world)
    await merge(world, keep, lose)
    after = await figures(world)
    assert after == before
    assert await count(world, "SELECT count(*) FROM contact WHERE id = :id", id=lose) == 0
    await nobody_twice_inside(world)
    await world.until_quiet(*FLOWS)
    world.now += timedelta(days=30)
    await world.until_quiet(*FLOWS)
    await standing_is_counted(world)
    assert await world.rows("SELECT 1 FROM event_pending") == []
    assert await world.rows("SELECT 1 FROM effect WHERE state = 'pending'") == []


async def fill(world: World, dice: random.Random, both: list[int]) -> None:
    """Records of both, some of which they share."""
    await world.rows("INSERT INTO tag (name) VALUES ('a'), ('b'), ('c') RETURNING 1")
    await world.rows(
        "INSERT INTO segment (name, label, kind, state, counted_at) "
        "SELECT n, n, 'static', 'kept', now() FROM unnest(ARRAY['s1', 's2', 's3']) n RETURNING 1"
    )
    await world.rows(
        "INSERT INTO scoring_model (name, label, document) VALUES ('m', 'M', '{}') RETURNING 1"
    )
    for contact in both:
        for tag in dice.sample("abc", dice.randrange(4)):
            await world.rows(
                "INSERT INTO contact_tag VALUES (:id, :tag) RETURNING 1", id=contact, tag=tag
            )
        for segment in dice.sample(["s1", "s2", "s3"], dice.randrange(4)):
            await world.rows(
                "WITH m AS (INSERT INTO segment_member (segment_id, contact_id, entered_at) "
                "SELECT id, :id, now() FROM segment WHERE name = :name RETURNING segment_id) "
                "INSERT INTO segment_size AS s (segment_id, slot, members) "
                "SELECT segment_id, 64, 1 FROM m ON CONFLICT (segment_id, slot) "
                "DO UPDATE SET members = s.members + 1 "
                "RETURNING 1",
                id=contact,
                name=segment,
            )
        for n in range(dice.randrange(3)):
            await world.rows(
                'INSERT INTO "order" (contact_id, placed_at, total_minor, currency) '
                "VALUES (:id, now(), 100, 'USD') RETURNING 1",
                id=contact,
            )
            await world.rows(
                "INSERT INTO ticket (contact_id, subject, opened_at) VALUES (:id, :s, now()) "
                "RETURNING 1",
                id=contact,
                s=f"Question {n}",
            )
            await world.rows(
                "INSERT INTO activity (kind, subject, contact_id) VALUES ('note', 'x', :id) "
                "RETURNING 1",
                id=contact,
            )
            await world.rows(
                "INSERT INTO contact_alias (kind, value, contact_id) "
                "VALUES ('anonymous_id', :v, :id) RETURNING 1",
                id=contact,
                v=f"browser-{contact}-{n}",
            )
        if dice.random() < 0.7:
            await world.rows(
                "INSERT INTO contact_score (model_id, contact_id, total, adjusted) "
                "SELECT id, :id, 5, 2 FROM scoring_model RETURNING 1",
                id=contact,
            )


async def figures(world: World) -> dict[str, Any]:
    """What merging must leave as it is."""
    sums = {
        table: await count(world, f'SELECT count(*) FROM "{table}"')
        for table in ("order", "ticket", "activity", "run", "message", "effect", "contact_alias")
    }
    sums["contact_alias"] = await count(
        world, "SELECT count(*) FROM contact_alias WHERE kind = 'anonymous_id'"
    )
    sums["event"] = await count(world, "SELECT count(*) FROM event WHERE kind = 'track'")
    sums["adjusted"] = await count(world, "SELECT coalesce(sum(adjusted), 0) FROM contact_score")
    sums["summarised"] = await count(
        world, "SELECT coalesce(sum(order_count), 0) FROM contact_summary"
    )
    keys = await world.rows("SELECT split_part(entry_key, '#', 1), flow_id FROM run ORDER BY 2, 1")
    tags = await world.rows("SELECT DISTINCT tag FROM contact_tag ORDER BY tag")
    lists = await world.rows("SELECT DISTINCT segment_id FROM segment_member ORDER BY 1")
    wrong = await world.rows(
        "SELECT s.segment_id FROM (SELECT segment_id, sum(members) n FROM segment_size "
        "GROUP BY 1) s WHERE n <> (SELECT count(*) FROM segment_member m "
        "WHERE m.segment_id = s.segment_id)"
    )
    assert wrong == []
    return sums | {"keys": keys, "tags": tags, "lists": lists}


async def nobody_twice_inside(world: World) -> None:
    twice = await world.rows(
        "SELECT flow_id, subject_id FROM run r JOIN flow f ON f.id = r.flow_id "
        "WHERE r.state <> 'ended' AND f.name <> 'per_order' GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert twice == []
    lost = await world.rows(
        "SELECT 1 FROM run r WHERE NOT EXISTS (SELECT 1 FROM contact c WHERE c.id = r.subject_id)"
    )
    assert lost == []


async def standing_is_counted(world: World) -> None:
    """Entered less left is who stands there, for every node."""
    wrong = await world.rows(
        """
        SELECT c.flow_version_id, c.node, c.standing, coalesce(r.runs, 0) FROM (
            SELECT flow_version_id, node,
                   sum(CASE WHEN exit = '' THEN count ELSE -count END) AS standing
            FROM node_count GROUP BY 1, 2) c
        LEFT JOIN (SELECT flow_version_id, node, count(*) AS runs FROM run
                   WHERE state <> 'ended' GROUP BY 1, 2) r USING (flow_version_id, node)
        WHERE c.standing <> coalesce(r.runs, 0)
        """
    )
    assert wrong == []
