"""Nobody is forgotten: whoever waits has a driver, whatever was lost or set differently."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.activities.parts import Parts
from engine.services.plans import FlowBook
from engine.services.travelling import Written
from engine.services.waking import poke_waiting, who_waits
from tests.driving.test_driving import WELCOME
from tests.driving.world import World


@dataclass
class RememberingPokes:
    said: list[tuple[object, ...]] = field(default_factory=list)

    def dispatch(self, partitions: Collection[int]) -> None:
        self.said += [("dispatch", partition) for partition in partitions]

    def advance(self, flow: str, shard: int, due: datetime | None) -> None:
        self.said.append(("advance", flow, shard, due))

    def perform(self, shard: int) -> None:
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
