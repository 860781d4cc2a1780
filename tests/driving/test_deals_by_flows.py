"""Deals, tickets and activities that flows make and move, on a real database."""

from __future__ import annotations

from datetime import timedelta

from tests.driving.sales_world import deal, flow, pipeline, team
from tests.driving.world import START, World

MOVE = "{do: move_stage, %s, exits: {moved: done, no_deal: none, refused: refused}}"
ENDS = "  none: {do: exit, outcome: none}\n  refused: {do: exit, outcome: refused}\n"


def moving(settings: str) -> str:
    return flow("moving", MOVE % settings, more=ENDS)


async def signed_up(world: World, *contacts: int, flow: str) -> None:
    for contact in contacts:
        await world.event(contact, "Signed Up")
    await world.until_quiet(flow)


async def test_the_newest_open_deal_moves_and_is_closed_when_it_is_won(world: World) -> None:
    await pipeline(world, "sales", lead="open", won="won", lost="lost")
    ada, cleo = await world.people(2)
    await deal(world, ada, days_ago=9)
    await deal(world, ada, days_ago=1)
    await deal(world, ada, "lost")
    world.now += timedelta(hours=1)
    await world.publish(moving("stage: won"))
    await signed_up(world, ada, cleo, flow="moving")
    found = await world.rows(
        "SELECT s.key, d.closed_at, d.stage_entered_at FROM deal d "
        "JOIN stage s ON s.id = d.stage_id ORDER BY d.id"
    )
    assert [row[0] for row in found] == ["lead", "won", "lost"]
    assert found[1][1] == found[1][2] == world.now
    outcomes = await world.rows("SELECT outcome FROM run ORDER BY subject_id")
    assert [row[0] for row in outcomes] == ["done", "none"]


async def test_the_biggest_deal_is_the_one_worth_most_in_the_base_currency(world: World) -> None:
    await pipeline(world, "sales", lead="open", lost="lost")
    (ada,) = await world.people(1)
    for amount in (200, 900, None):
        await deal(world, ada, amount=amount)
    await world.publish(moving("stage: lost, deal: biggest, lost_reason: Too dear"))
    await signed_up(world, ada, flow="moving")
    found = await world.rows("SELECT amount_minor, lost_reason FROM deal ORDER BY id")
    assert [tuple(row) for row in found] == [(200, None), (900, "Too dear"), (None, None)]


async def test_a_stage_of_another_pipeline_is_refused_and_nothing_moves(world: World) -> None:
    await pipeline(world, "sales", lead="open", won="won")
    await pipeline(world, "partners", signed="won")
    (ada,) = await world.people(1)
    await deal(world, ada)
    await world.publish(moving("stage: signed"))
    await signed_up(world, ada, flow="moving")
    assert await world.outcomes() == [("ended", "refused", "refused")]
    found = await world.rows("SELECT s.key FROM deal d JOIN stage s ON s.id = d.stage_id")
    assert [row[0] for row in found] == ["lead"]


async def test_a_moved_deal_starts_the_flow_that_waits_for_its_stage(world: World) -> None:
    await pipeline(world, "sales", lead="open", won="won")
    ada, cleo = await world.people(2)
    await deal(world, ada)
    await deal(world, cleo)
    await world.publish(moving("stage: won"))
    await world.publish(
        "flow: party\npurpose: service\n"
        "trigger: {on: record, record: deal, fields: [stage],"
        " when: {changed_to: [{var: deal.stage}, won]}}\n"
        "entry: {once_per: record_id}\nsteps:\n  done: {do: exit}\n"
    )
    await signed_up(world, ada, flow="moving")
    await world.until_quiet("moving", "party")
    inside = await world.rows(
        "SELECT r.subject_id FROM run r JOIN flow f ON f.id = r.flow_id WHERE f.name = 'party'"
    )
    assert [row[0] for row in inside] == [ada]


async def test_a_change_of_another_field_is_not_even_told(world: World) -> None:
    await pipeline(world, "sales", lead="open", won="won")
    (ben,) = await team(world, "Sales", "ben")
    (ada,) = await world.people(1)
    await deal(world, ada)
    await world.publish(
        "flow: party\npurpose: service\n"
        "trigger: {on: record, record: deal, fields: [stage]}\nsteps:\n  done: {do: exit}\n"
    )
    await world.publish(
        flow("route", "{do: assign, of: deal, team: Sales, exits: {assigned: done, nobody: done}}")
    )
    await signed_up(world, ada, flow="route")
    assert await world.rows("SELECT owner_id FROM deal") == [(ben,)]
    assert await world.rows("SELECT 1 FROM event WHERE name = 'Deal Updated'") == []


async def test_a_deal_a_ticket_and_a_call_are_made_once_for_each_visit(world: World) -> None:
    await pipeline(world, "sales", lead="open", won="won")
    (ben,) = await team(world, "Sales", "ben")
    contacts = await world.people(3)
    await world.rows(f"UPDATE contact SET owner_id = {ben}, score = id RETURNING id")
    await world.publish(
        flow(
            "making",
            '{do: create_record, record: deal, title: "Deal with {{ contact.first_name }}", '
            'amount: {"*": [{var: contact.score}, 1.5]}, currency: USD, closes_in: 30d, next: two}',
            more="  two: {do: create_record, record: ticket,"
            ' title: "Hello {{ contact.first_name }}",'
            " priority: high, assign: {to: nobody@example.com}, next: three}\n"
            "  three: {do: create_record, record: call, title: Call, body: Soon, due: 1d,"
            " next: done}\n",
        )
    )
    await signed_up(world, *contacts, flow="making")
    deals = await world.rows(
        "SELECT d.contact_id, d.name, d.amount_minor, d.currency, d.owner_id, s.key, "
        "d.expected_close_on FROM deal d JOIN stage s ON s.id = d.stage_id ORDER BY d.contact_id"
    )
    closes = (START + timedelta(days=30)).date()
    assert [tuple(row) for row in deals] == [
        (id_, f"Deal with Person {number}", id_ * 150, "USD", ben, "lead", closes)
        for number, id_ in enumerate(contacts)
    ]
    tickets = await world.rows("SELECT subject, priority, owner_id FROM ticket ORDER BY contact_id")
    assert [tuple(row) for row in tickets] == [
        (f"Hello Person {number}", "high", None) for number in range(3)
    ]
    calls = await world.rows("SELECT kind, subject, body, owner_id, due_at FROM activity")
    due = START + timedelta(days=1)
    assert [tuple(row) for row in calls] == [("call", "Call", "Soon", ben, due)] * 3


async def test_without_a_stage_to_begin_on_the_run_is_held_and_can_be_tried_again(
    world: World,
) -> None:
    (ada,) = await world.people(1)
    await world.publish(flow("making", "{do: create_record, record: deal, title: x, next: done}"))
    await signed_up(world, ada, flow="making")
    assert await world.outcomes() == [("held", "act", "no_stage")]
    assert await world.rows("SELECT 1 FROM deal") == []
