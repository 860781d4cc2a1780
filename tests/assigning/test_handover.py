"""One person's work going to others and coming back, on a real database."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from engine.assignment.handing_over import Handed, Way
from engine.errors import Conflict, NotAllowed, Refused
from engine.services import handover
from engine.services.actor import SYSTEM, Actor
from engine.services.handover import Plan
from tests.assigning.company import away, change, notices, owners
from tests.driving.sales_world import deal, pipeline, team
from tests.driving.world import Crash, World

DAY = timedelta(days=1)
CONTACTS = {"contact": {"to": ["team:Sales"]}}


async def begin(world: World, from_id: int, shares: dict[str, Any], **more: Any) -> int:
    async with world.work() as work:
        return await handover.start(work, SYSTEM, Plan(from_id, shares, **more))


async def carry(world: World, limit: int = 1_000) -> int:
    """Page after page; how many there were."""
    pages = 0
    while True:
        async with world.work() as work:
            carried = await handover.carry_on(work, limit)
        if not carried.again:
            return pages
        pages += 1


async def seen(world: World, handover_id: int) -> handover.HandoverSeen:
    async with world.work() as work:
        return await handover.look(work.session, SYSTEM, handover_id)


async def owned(world: World, owner: int, count: int, **values: Any) -> list[int]:
    """Contacts of the owner, by the thousand."""
    async with world.store.store.transaction() as session:
        found = await session.execute(
            text(
                "INSERT INTO contact (first_name, owner_id, country) SELECT 'C' || n, :owner,"
                " :country FROM generate_series(1, :count) n RETURNING id"
            ),
            {"owner": owner, "count": count, "country": values.get("country")},
        )
        return sorted(found.scalars())


async def task(world: World, contact: int, owner: int, *, done: bool = False) -> int:
    found = await world.rows(
        "INSERT INTO activity (kind, subject, contact_id, owner_id, done_at) VALUES"
        " ('task', 'Call', :contact, :owner, CASE WHEN :done THEN now() END) RETURNING id",
        contact=contact,
        owner=owner,
        done=done,
    )
    id_: int = found[0][0]
    return id_


async def ticket(world: World, contact: int, owner: int, status: str = "open") -> int:
    found = await world.rows(
        "INSERT INTO ticket (subject, contact_id, owner_id, status, opened_at) VALUES"
        " ('Help', :contact, :owner, :status, now()) RETURNING id",
        contact=contact,
        owner=owner,
        status=status,
    )
    id_: int = found[0][0]
    return id_


async def test_five_thousand_contacts_through_crashes_each_given_once(world: World) -> None:
    ben, cleo, dan = await team(world, "Sales", "ben", "cleo", "dan")
    await owned(world, ben, 5_000)
    number = await begin(world, ben, CONTACTS)
    deaths = iter(["before", "after", None, "after", "before"])
    world.store.dies = lambda: next(deaths, None)
    died = 0
    while died < 4:
        try:
            await carry(world, 400)
            break
        except Crash:
            died += 1
    assert died == 4
    await carry(world, 400)
    assert Counter(await owners(world)) == {cleo: 2_500, dan: 2_500}
    done = await seen(world, number)
    assert done.state == "done"
    assert done.given == {Handed.CONTACT: {cleo: 2_500, dan: 2_500}}
    assert await world.rows("SELECT count(*) FROM handover_item") == [(5_000,)]
    told = await world.rows("SELECT user_id, body FROM notice ORDER BY user_id")
    assert [tuple(row) for row in told][1:] == [(cleo, "2500 contacts."), (dan, "2500 contacts.")]
    pages = await world.rows("SELECT count(*) FROM audit WHERE verb = 'hand_over'")
    assert pages == [(13,)]


async def test_each_kind_has_its_own_way_and_what_is_closed_stays(world: World) -> None:
    ben, cleo, dan = await team(world, "Sales", "ben", "cleo", "dan")
    await pipeline(world, "sales", lead="open", won="won")
    await change(world, "dan@example.com", territories=["cn"])
    ada, *_ = await owned(world, ben, 2, country="SG")
    eve, *_ = await owned(world, ben, 1, country="CN")
    of_ada, of_eve = await deal(world, ada, owner=ben), await deal(world, eve, owner=ben)
    await deal(world, ada, "won", owner=ben)
    tickets = [await ticket(world, ada, ben), await ticket(world, ada, ben, "closed")]
    tasks = [await task(world, eve, ben), await task(world, eve, ben, done=True)]
    shares = {
        "contact": {"way": "territory", "to": ["team:Sales"]},
        "deal": {"way": "with_contact", "to": ["team:Sales"]},
        "ticket": {"way": "load", "to": ["team:Sales"]},
        "task": {"to": ["cleo@example.com"]},
    }
    async with world.work() as work:
        before = await handover.preview(work, SYSTEM, ben, shares)
    number = await begin(world, ben, shares)
    await carry(world, 2)
    assert await owners(world) == [cleo, dan, dan]
    deals = {row[0]: row[1] for row in await world.rows("SELECT id, owner_id FROM deal")}
    assert (deals[of_ada], deals[of_eve], Counter(deals.values())[ben]) == (cleo, dan, 1)
    assert await owners(world, "ticket") == [cleo, ben]
    assert await owners(world, "activity") == [cleo, ben]
    assert len(tickets) == len(tasks) == 2
    done = await seen(world, number)
    assert {one.kind: dict(one.takers) for one in before.kinds} == done.given
    assert [one.way for one in before.kinds] == [
        *(Way.TERRITORY, Way.WITH_CONTACT, Way.LOAD, Way.ONE)
    ]


async def test_a_preview_counts_names_and_changes_nothing(world: World) -> None:
    ben, cleo, dan = await team(world, "Sales", "ben", "cleo", "dan")
    await away(world, dan, world.now - DAY, world.now + DAY)
    ids = await owned(world, ben, 7)
    async with world.work() as work:
        found = await handover.preview(work, SYSTEM, ben, CONTACTS)
    (contacts,) = found.kinds
    assert (contacts.count, contacts.takers) == (7, {cleo: 4, dan: 3})
    first = contacts.samples[0]
    assert (first.id, first.label, first.to_id, len(contacts.samples)) == (ids[0], "C1", cleo, 5)
    assert found.absent == (dan,)
    assert set(await owners(world)) == {ben}


async def test_on_the_day_what_is_still_with_the_takers_comes_back(world: World) -> None:
    ben, cleo, dan = await team(world, "Sales", "ben", "cleo", "dan")
    await change(world, "ben@example.com", zone="Asia/Singapore")
    await pipeline(world, "sales", lead="open", won="won")
    contacts = await owned(world, ben, 6)
    deals = [await deal(world, contacts[0], owner=ben) for _ in range(2)]
    shares = {"contact": {"to": ["cleo@example.com"]}, "deal": {"to": ["cleo@example.com"]}}
    day = (world.now + 7 * DAY).date()
    number = await begin(world, ben, shares, return_on=day)
    await carry(world)
    assert set(await owners(world)) == {cleo}
    sql = "UPDATE contact SET owner_id = :dan WHERE id = :id RETURNING id"
    await world.rows(sql, dan=dan, id=contacts[0])
    await world.rows("DELETE FROM contact WHERE id = :id RETURNING id", id=contacts[5])
    sql = "UPDATE deal SET stage_id = s.id FROM stage s WHERE s.key = 'won' AND deal.id = :id"
    await world.rows(f"{sql} RETURNING deal.id", id=deals[0])
    async with world.work() as work:
        expected = await handover.preview_return(work, SYSTEM, number)
    # the day begins in Singapore eight hours before it does in UTC
    world.now = world.now.replace(hour=16) + 6 * DAY - timedelta(seconds=1)
    assert await carry(world) == 0
    world.now += timedelta(seconds=1)
    await carry(world, 2)
    assert await owners(world) == [dan, ben, ben, ben, ben]
    assert Counter(await owners(world, "deal")) == {ben: 1, cleo: 1}
    done = await seen(world, number)
    assert done.state == "returned"
    assert done.returned == {kind: dict(counts) for kind, counts in expected.kinds.items()}
    assert done.returned == {
        "contact": {"returned": 4, "passed_on": 1, "gone": 1},
        "deal": {"returned": 1, "closed": 1},
    }
    assert (ben, "Your work came back to you") in await notices(world)
    assert await carry(world) == 0


async def test_a_return_waits_for_who_is_away_longer_and_not_for_who_has_left(
    world: World,
) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await world.rows("INSERT INTO role (key, label) VALUES ('sales_manager', 'x') RETURNING key")
    await change(world, "cleo@example.com", role="sales_manager")
    await owned(world, ben, 1)
    number = await begin(world, ben, CONTACTS, return_on=(world.now + DAY).date())
    await carry(world)
    back = world.now + 5 * DAY
    await away(world, ben, world.now, back)
    world.now += 2 * DAY
    assert await carry(world) == 0
    assert (await seen(world, number)).return_at == back
    await change(world, "ben@example.com", active=False)
    world.now = back
    assert await carry(world) == 0
    assert (await seen(world, number)).return_at is None
    assert await owners(world) == [cleo]
    assert (cleo, "A handover was not given back") in await notices(world)


async def test_it_can_be_stopped_and_taken_back_at_once(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    await owned(world, ben, 4)
    number = await begin(world, ben, CONTACTS)
    with pytest.raises(Conflict):
        await begin(world, ben, CONTACTS)
    async with world.work() as work:
        await handover.carry_on(work, 3)
    async with world.work() as work:
        with pytest.raises(Conflict):
            await handover.give_back(work, SYSTEM, number)
        await handover.cancel(work, SYSTEM, number)
    assert await carry(world) == 0
    assert Counter(await owners(world)) == {cleo: 3, ben: 1}
    async with world.work() as work:
        await handover.give_back(work, SYSTEM, number)
        await handover.give_back(work, SYSTEM, number)
    await carry(world)
    assert await owners(world) == [ben] * 4


async def test_a_wrong_plan_is_refused_with_every_mistake(world: World) -> None:
    ben, _ = await team(world, "Sales", "ben", "cleo")
    plan = {
        "contact": {"to": ["eve@example.com"], "way": "luck"},
        "deal": {"to": ["ben@example.com"]},
        "approval": {"to": ["cleo@example.com"], "way": "territory"},
        "dreams": {},
    }
    with pytest.raises(Refused) as caught:
        await begin(world, ben, plan)
    assert {(one.place, one.code) for one in caught.value.problems} == {
        ("/shares/contact/to/0", "unknown_person"),
        ("/shares/contact/way", "bad_choice"),
        ("/shares/deal/to", "nobody_takes"),
        ("/shares/approval/way", "bad_choice"),
        ("/shares/dreams", "unknown_key"),
    }
    with pytest.raises(Refused):
        await begin(world, ben, CONTACTS, return_on=world.now.date())


async def test_ones_own_work_and_nobody_elses(world: World) -> None:
    ben, cleo = await team(world, "Sales", "ben", "cleo")
    rep = Actor("user", cleo, "Cleo", "rep")
    async with world.work() as work:
        with pytest.raises(NotAllowed):
            await handover.start(work, rep, Plan(ben, CONTACTS))
        assert await handover.start(work, rep, Plan(cleo, CONTACTS)) > 0
