"""Nobody is forgotten: whoever waits has a driver, whatever was lost or set differently."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from temporalio.testing import ActivityEnvironment

from crm_store.partitions import APART_FROM
from engine.activities.advance import AdvanceActivities
from engine.activities.parts import Parts
from engine.machines.mending import Skip
from engine.services.actor import SYSTEM
from engine.services.flows import poke_all
from engine.services.plans import FlowBook
from engine.services.pokes import NoPokes
from engine.services.run_control import Which, mend_page, poke_mended
from engine.services.travelling import Written
from engine.services.waking import poke_waiting, who_waits
from engine.workflows.shared import NurtureInput
from tests.driving.test_driving import WELCOME
from tests.driving.test_flows_and_flows import other
from tests.driving.world import SIZES, World


@dataclass
class RememberingPokes(NoPokes):
    said: list[tuple[object, ...]] = field(default_factory=list)

    def dispatch(self, partitions: Collection[int]) -> None:
        self.said += [("dispatch", partition) for partition in partitions]

    def advance(self, flow: str, shard: int, due: datetime | None) -> None:
        self.said.append(("advance", flow, shard, due))

    def perform(self, shard: int, due: datetime | None = None) -> None:
        self.said.append(("perform", shard))

    def audience(self, enrolment_id: int) -> None:
        self.said.append(("audience", enrolment_id))

    def version_move(self, move_id: int) -> None:
        self.said.append(("version_move", move_id))

    def segments(self) -> None:
        self.said.append(("segments",))

    def scores(self) -> None:
        self.said.append(("scores",))

    def facts(self) -> None:
        self.said.append(("facts",))

    def bounces(self, seconds: float) -> None:
        self.said.append(("bounces", seconds))

    def winners(self) -> None:
        self.said.append(("winners",))

    def due_dates(self) -> None:
        self.said.append(("due_dates",))


def telling(world: World) -> tuple[Parts, RememberingPokes]:
    pokes = RememberingPokes()
    return replace(world.parts, pokes=pokes), pokes


BOOK = FlowBook({}, {7: "seven"}, frozenset(), {})


async def test_somebody_who_waits_for_days_has_a_driver(world: World) -> None:
    parts, pokes = telling(world)
    far = world.now + timedelta(days=3)
    parts.tell(Written(dues={(7, 1): far}), BOOK)
    assert pokes.said == [("advance", "seven", 1, far)]


async def test_a_far_time_is_not_told_with_every_batch(world: World) -> None:
    parts, pokes = telling(world)
    far = world.now + timedelta(days=3)
    for _ in range(10):
        parts.tell(Written(dues={(7, 1): far}), BOOK)
        world.now += timedelta(seconds=1)
    assert len(pokes.said) == 1
    world.now += parts.sizes.nurture_idle / 2
    parts.tell(Written(dues={(7, 1): far}), BOOK)
    assert len(pokes.said) == 2
    world.now -= timedelta(days=1)
    parts.tell(Written(dues={(7, 1): far}), BOOK)
    assert len(pokes.said) == 3


async def test_a_near_time_is_always_told(world: World) -> None:
    parts, pokes = telling(world)
    for _ in range(3):
        parts.tell(Written(dues={(7, 1): world.now + timedelta(minutes=1)}), BOOK)
    assert len(pokes.said) == 3


async def test_rows_of_shards_that_are_gone_from_the_settings_are_found(world: World) -> None:
    await world.publish(WELCOME)
    people = await world.people(3)
    for contact in people:
        await world.event(contact, "Signed Up")
    await world.dispatch_all()
    await world.rows("UPDATE effect SET shard = 63 WHERE id = 1 RETURNING 1")
    await world.rows(
        "UPDATE run SET shard = 9, due_at = :due WHERE id = 2 RETURNING 1", due=world.now
    )
    await world.event(people[0], "Visited Pricing")
    await world.rows("UPDATE event_pending SET partition = 40 RETURNING 1")
    async with world.store.store.transaction() as session:
        waiting = await who_waits(session)
    pokes = RememberingPokes()
    poke_waiting(pokes, waiting)
    assert {("perform", 63), ("advance", "welcome_test", 9, world.now), ("dispatch", 40)} <= set(
        pokes.said
    )


STARTING = """
flow: first
purpose: service
trigger: {on: event, event: Signed Up}
entry: always
steps:
  pause: {do: wait, for: 1d, next: begin}
  begin: {do: start_flow, flow: other, exits: {started: rest, refused: rest}}
  rest:  {do: wait, for: 1d, next: done}
  done:  {do: exit}
"""


async def waits_before_another_flow(world: World) -> None:
    await world.publish(other())
    await world.publish(STARTING)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("first")


async def test_a_flow_started_after_a_wait_has_a_driver(world: World) -> None:
    await waits_before_another_flow(world)
    world.now += timedelta(days=1)
    parts, pokes = telling(world)
    [(shard,)] = await world.rows("SELECT shard FROM run")
    flows = AdvanceActivities(parts)
    await ActivityEnvironment().run(flows.advance, NurtureInput("first", shard))
    woken = [said for said in pokes.said if said[0] == "advance"]
    assert woken == [("advance", "other", shard, world.now)]


async def test_a_flow_started_by_mending_has_a_driver(world: World) -> None:
    await waits_before_another_flow(world)
    pokes, plans = RememberingPokes(), world.parts.plans
    async with world.store.store.transaction() as session:
        which, what = Which("first", state="active"), Skip("passed")
        ledger = world.parts.ledger(world.now)
        page = await mend_page(session, SYSTEM, which, what, plans=plans, ledger=ledger)
    poke_mended(pokes, page)
    [(shard,)] = await world.rows("SELECT DISTINCT shard FROM run")
    assert {said for said in pokes.said if said[0] == "advance"} == {
        ("advance", "first", shard, world.now),
        ("advance", "other", shard, world.now),
    }


def test_who_resumes_wakes_also_those_who_call_other_systems() -> None:
    pokes = RememberingPokes()
    poke_all(pokes, "welcome", advance_shards=1, perform_shards=SIZES.perform_shards)
    performed = {said[1] for said in pokes.said if said[0] == "perform"}
    assert performed == {0, 1, APART_FROM, APART_FROM + 1}
