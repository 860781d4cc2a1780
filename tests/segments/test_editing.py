"""Segments are made, changed and deleted with every mistake told at its place."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from crm_store.models import SegmentKind
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.segments import editing, files, lists
from tests.segments.segment_world import WHERE, SegmentWorld

SHIPPED = Path(__file__).parents[2] / "templates" / "segments"
CUSTOMERS = {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}
VIEWER = Actor("user", 1, "Vera", "viewer")
FILE = """
name: customers_abroad
label: Customers abroad
label_zh: 海外客户
rule: {and: [{member_of: [customers]}, {"!=": [{var: contact.country}, SG]}]}
"""


def places(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(problem.place, problem.code) for problem in refused.value.problems}


async def test_mistakes_in_a_rule_are_told_by_pointer(world: SegmentWorld) -> None:
    with pytest.raises(Refused) as refused:
        await world.segment("Bad Name", {"and": [{"==": [{"var": "contact.planet"}, "Mars"]}]})
    assert {place for place, _ in places(refused)} == {"/name", "/rule/and/0/==/0/var"}


async def test_a_name_is_taken_once(world: SegmentWorld) -> None:
    await world.segment("customers", CUSTOMERS)
    with pytest.raises(Conflict, match="already"):
        await world.segment("customers", CUSTOMERS)


async def test_two_who_take_a_name_at_once_are_told_apart(world: SegmentWorld) -> None:
    both = await asyncio.gather(
        *(world.segment("customers", CUSTOMERS) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["Conflict", "Segment"]


async def test_a_segment_is_not_made_of_itself(world: SegmentWorld) -> None:
    await world.segment("customers", CUSTOMERS)
    await world.segment("abroad", {"member_of": ["customers"]})
    with pytest.raises(Refused) as refused:
        await world.edit("customers", {"or": [CUSTOMERS, {"member_of": ["abroad"]}]})
    assert [code for _, code in places(refused)] == ["circular_segment"]
    with pytest.raises(Refused) as refused:
        await world.segment("alone", {"member_of": ["alone"]})
    assert [code for _, code in places(refused)] == ["circular_segment"]


async def test_a_segment_does_not_count_who_enters_segments(world: SegmentWorld) -> None:
    with pytest.raises(Refused) as refused:
        await world.segment("restless", {"not_done": ["Segment Entered"]})
    assert places(refused) == {("/rule", "counts_segment_events")}


async def test_an_edit_moves_members_of_the_segment_and_of_those_made_of_it(
    world: SegmentWorld,
) -> None:
    ada, ben = await world.people(2)
    await world.change(ada, "lifecycle_stage", "customer")
    await world.change(ben, "lifecycle_stage", "churned")
    await world.counted("customers", CUSTOMERS)
    await world.counted("inner", {"and": [{"member_of": ["customers"]}, True]})
    await world.edit("customers", {"==": [{"var": "contact.lifecycle_stage"}, "churned"]})
    await world.recount()
    assert await world.members("customers") == await world.members("inner") == {ben}
    assert sorted(await world.moves(ada)) == [
        ("Segment Left", "customers"),
        ("Segment Left", "inner"),
    ]


async def test_only_who_may_edit_does(world: SegmentWorld) -> None:
    new = editing.NewSegment("customers", "Customers", rule=CUSTOMERS)
    with pytest.raises(NotAllowed):
        async with world.store.transaction() as session:
            await editing.create_segment(session, VIEWER, new, world.now)
    await world.static("guests")
    with pytest.raises(NotAllowed):
        async with world.store.transaction() as session:
            await lists.add_to_list(session, VIEWER, "guests", lists.Called(), WHERE, world.now)
    with pytest.raises(NotFound):
        await world.delete("nobody")


async def test_what_was_done_is_written_down(world: SegmentWorld) -> None:
    await world.segment("customers", CUSTOMERS)
    await world.edit("customers", True)
    await world.delete("customers")
    found = await world.rows("SELECT verb FROM audit WHERE subject_kind = 'segment' ORDER BY id")
    assert [row[0] for row in found] == ["create", "edit", "delete"]


async def saved(world: SegmentWorld, text: str) -> Any:
    async with world.store.transaction() as session:
        return await files.save_file(session, SYSTEM, text, "abroad.yaml", world.now)


async def test_a_file_makes_a_segment_and_changes_it(world: SegmentWorld) -> None:
    await world.segment("customers", CUSTOMERS)
    made = await saved(world, FILE)
    assert (made.name, made.label_zh, made.kind) == ("customers_abroad", "海外客户", "rule")
    again = await saved(world, FILE.replace("Customers abroad", "Customers elsewhere"))
    assert (again.id, again.label) == (made.id, "Customers elsewhere")


async def test_a_wrong_file_is_refused_by_line(world: SegmentWorld) -> None:
    with pytest.raises(Refused) as refused:
        await saved(world, FILE)
    assert places(refused) == {("abroad.yaml:5:27", "unknown_segment")}
    with pytest.raises(Refused) as refused:
        await saved(world, FILE + "colour: red\nkind: rules\n")
    assert {code for _, code in places(refused)} == {"unknown_key", "bad_choice"}


async def test_a_broken_rule_leaves_its_members(world: SegmentWorld) -> None:
    [ada] = await world.people(1)
    await world.change(ada, "lifecycle_stage", "customer")
    await world.counted("customers", CUSTOMERS)
    await world.rows(
        'UPDATE segment SET rule = \'{"==": [{"var": "contact.gone"}, 1]}\', '
        "revision = revision + 1, asked = asked + 1, due_at = now() - interval '1 year' RETURNING 1"
    )
    await world.recount()
    await world.event(ada, "Signed In")
    await world.dispatch_all()
    assert await world.members("customers") == {ada}
    assert await world.rows("SELECT state FROM segment") == [("broken",)]
    await world.edit("customers", CUSTOMERS)
    await world.recount()
    assert await world.rows("SELECT state FROM segment") == [("kept",)]


async def test_a_list_is_no_rule(world: SegmentWorld) -> None:
    with pytest.raises(Refused) as refused:
        await world.segment("guests", CUSTOMERS, kind=SegmentKind.STATIC)
    assert places(refused) == {("/rule", "not_here")}


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
async def test_a_ready_segment_can_be_saved(world: SegmentWorld, file: Path) -> None:
    made = await saved(world, file.read_text("utf-8"))
    assert made.name == file.stem
