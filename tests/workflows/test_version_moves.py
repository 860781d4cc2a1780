"""Moves to another version on a real Temporal."""

from __future__ import annotations

from crm_store.session import Store
from engine.services import version_moves
from engine.services.actor import SYSTEM
from tests.versions.moving import begin, by_version, look, plan_for, steer
from tests.workflows.working import Working, eventually, working

RESTING = """
flow: resting_test
label: Resting
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
steps:
  hello: {do: send_message, template: welcome, next: rest}
  rest:  {do: wait, for: P30D, next: offer}
  offer: {do: send_message, template: offer, next: done}
  done:  {do: exit}
"""


async def standing_at(at_work: Working, version: int, node: str, people: int) -> None:
    async def there() -> bool:
        return (await by_version(at_work.world)).get((version, node)) == people

    await eventually(there, f"{people} stand on {node} of version {version}")


async def moved_and_back(at_work: Working, people: int) -> None:
    """People go to a second version, and come back."""
    world = at_work.world
    await world.publish(RESTING)
    for contact in await world.people(people):
        await world.event(contact, "Signed Up")
    at_work.poke_dispatch()
    for shard in range(2):
        at_work.pokes.perform(shard)
    await standing_at(at_work, 1, "rest", people)
    await world.publish(RESTING.replace("P30D", "P40D"))
    move_id = await begin(world, await plan_for(world, "resting_test", 1, 2))
    at_work.pokes.version_move(move_id)
    await standing_at(at_work, 2, "rest", people)
    await steer(world, version_moves.undo, move_id)
    at_work.pokes.version_move(move_id)
    await standing_at(at_work, 1, "rest", people)


async def test_a_move_is_carried_out_and_undone_by_its_workflow(
    store: Store, temporal_address: str
) -> None:
    async with working(store, temporal_address) as at_work:
        await moved_and_back(at_work, 5)

        async def undone() -> bool:
            return [line.state for line in await look(at_work.world, "resting_test")] == ["undone"]

        await eventually(undone, "the move is undone")


async def test_somebody_who_was_asked_to_go_on_moves_at_once(
    store: Store, temporal_address: str
) -> None:
    async with working(store, temporal_address) as at_work:
        world = at_work.world
        await world.publish(RESTING)
        [ada] = await world.people(1)
        await world.event(ada, "Signed Up")
        at_work.poke_dispatch()
        for shard in range(2):
            at_work.pokes.perform(shard)
        await standing_at(at_work, 1, "rest", 1)
        renamed = RESTING.replace("rest: ", "pause:").replace("next: rest", "next: pause")
        await world.publish(renamed)
        plan = await plan_for(world, "resting_test", 1, 2, rest={"to": "offer"})
        async with world.store.store.transaction() as session:
            assert (await version_moves.preview(session, SYSTEM, plan)).moving == 1
        at_work.pokes.version_move(await begin(world, plan))

        async def over() -> bool:
            return bool(await world.rows("SELECT 1 FROM run WHERE state = 'ended'"))

        await eventually(over, "the run is over")
    assert set(world.channel.counts().values()) == {1}
    assert len(world.channel.delivered) == 2
