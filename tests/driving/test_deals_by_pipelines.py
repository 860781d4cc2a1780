"""Flows that make and move deals of a published pipeline: the same gates, history and clocks."""

from __future__ import annotations

from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from tests.driving.sales_world import deal, flow
from tests.driving.world import World

SALES = """
pipeline: sales
stages:
  - {key: lead, probability: 10, sla: [{after: 1d, then: [{do: notify}]}]}
  - {key: offer, probability: 50, needs: amount}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
transitions:
  - {from: lead, to: offer, who: owner}
  - {from: offer, to: won}
  - {from: [lead, offer], to: lost}
"""
MOVE = "{do: move_stage, stage: %s, exits: {moved: done, no_deal: none, refused: refused}}"
ENDS = "  none: {do: exit, outcome: none}\n  refused: {do: exit, outcome: refused}\n"


async def published(world: World) -> None:
    async with world.store.transaction() as session:
        await publish(session, SYSTEM, read_definition(SALES, "sales.yaml"), now=world.now)


async def test_a_flow_meets_the_gates_of_a_stage_and_hears_why(world: World) -> None:
    await published(world)
    ada, cleo = await world.people(2)
    await deal(world, ada, amount=900)
    await deal(world, cleo)
    await world.publish(flow("moving", MOVE % "offer", more=ENDS))
    for contact in (ada, cleo):
        await world.event(contact, "Signed Up")
    await world.until_quiet("moving")
    found = await world.rows("SELECT outcome FROM run ORDER BY subject_id")
    assert [row[0] for row in found] == ["done", "refused"]
    visits = await world.rows(
        "SELECT d.contact_id, s.key, v.via FROM stage_visit v JOIN deal d ON d.id = v.deal_id"
        " JOIN stage s ON s.id = v.stage_id"
    )
    assert [tuple(row) for row in visits] == [(ada, "offer", "flow")]
    why = await world.rows(
        "SELECT e ->> 'why' FROM journal, jsonb_array_elements(entries) e"
        " WHERE e ->> 'why' LIKE '%stage_needs%'"
    )
    assert len(why) == 1
    assert "/fields/amount" in why[0][0]
    told = await world.rows("SELECT name, contact_id FROM event WHERE name LIKE 'Deal %'")
    assert ("Deal Stage Changed", ada) in [tuple(row) for row in told]
    assert cleo not in [row[1] for row in told]


async def test_a_deal_that_a_flow_makes_has_history_and_a_clock(world: World) -> None:
    await published(world)
    (ada,) = await world.people(1)
    await world.publish(
        flow("making", "{do: create_record, record: deal, title: New, exits: {done: done}}")
    )
    await world.event(ada, "Signed Up")
    await world.until_quiet("making")
    found = await world.rows(
        "SELECT s.key, v.via, c.due_at IS NOT NULL FROM stage_visit v"
        " JOIN stage s ON s.id = v.stage_id JOIN clock c ON c.entity_id = v.deal_id"
    )
    assert [tuple(row) for row in found] == [("lead", "flow", True)]
