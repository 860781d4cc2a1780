"""The driver's work: handovers are carried out and what waited is given, with nobody asking."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from temporalio.testing import ActivityEnvironment

from engine.activities.assignments import AssignmentActivities
from engine.services import handover
from engine.services.actor import SYSTEM
from engine.services.assigning.rules import assign_by_rules
from engine.services.handover import Plan
from engine.workflows.shared import AssignmentsInput, Progress
from tests.assigning.company import away, owners, rules
from tests.driving.sales_world import team
from tests.driving.world import World


async def driven(world: World) -> Progress:
    activities = AssignmentActivities(replace(world.parts, now=lambda: world.now))
    return await ActivityEnvironment().run(activities.assign, AssignmentsInput())


async def test_a_handover_and_the_queue_go_on_by_themselves(world: World) -> None:
    ben, cleo, dan = await team(world, "Sales", "ben", "cleo", "dan")
    contacts = await world.people(40, owner_id=ben)
    hour = timedelta(hours=1)
    day = (world.now + timedelta(days=1)).date()
    async with world.work() as work:
        plan = Plan(ben, {"contact": {"to": ["team:Sales"]}}, return_on=day)
        await handover.start(work, SYSTEM, plan)
    done = await driven(world)
    assert Counter(await owners(world)) == {cleo: 20, dan: 20}
    midnight = world.now.replace(hour=0) + timedelta(days=1)
    assert (done.done, done.again, done.next_due) == (40, False, midnight.timestamp())

    await rules(world, "rules: [{to: {users: ben@example.com}}]")
    await away(world, ben, world.now - hour, world.now + hour / 2)
    async with world.work() as work:
        await assign_by_rules(work, "leads", "contact", contacts[:2])
    assert (await driven(world)).next_due == (world.now + hour / 2).timestamp()
    world.now += hour / 2
    await driven(world)
    assert (await owners(world))[:2] == [ben, ben]
    world.now = midnight
    await driven(world)
    assert Counter(await owners(world)) == {ben: 40}


async def test_with_nothing_to_do_nothing_is_due(world: World) -> None:
    assert await driven(world) == Progress()
