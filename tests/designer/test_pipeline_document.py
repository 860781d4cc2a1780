"""A pipeline while it is drawn: whatever is done to it, it stays whole."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from designer.ladders.written import written
from designer.sales import pipeline_document as changes
from engine.definitions import DefinitionKind, World, read_definition
from engine.pipelines import KIND, PipelineModel
from engine.pipelines.checks import shape_problems

START: dict[str, Any] = {
    "stages": [
        {"key": "talk", "probability": 10},
        {"key": "offer", "probability": 50},
        {"key": "won", "kind": "won"},
        {"key": "lost", "kind": "lost"},
    ],
    "transitions": [
        {"from": "talk", "to": "offer"},
        {"from": ["offer", "talk"], "to": "won"},
        {"from": "*", "to": "lost"},
    ],
}
IN_FORCE = ("talk", "offer", "won", "lost")


def problems(document: Any) -> list[str]:
    found: list[Any] = []
    model = KIND.model(document, found)
    if model is not None:
        found += KIND.check(model, World())
    return [one.code for one in found]


def test_a_new_stage_can_be_reached_and_left() -> None:
    document = changes.with_stage(START, 1)
    assert changes.keys_in(document) == ["talk", "stage_5", "offer", "won", "lost"]
    assert document["stages"][1]["probability"] == 30
    assert problems(document) == []


def test_a_renamed_stage_takes_its_moves_and_its_deals_along() -> None:
    document = changes.renamed(START, 1, "bid", IN_FORCE)
    assert changes.keys_in(document) == ["talk", "bid", "won", "lost"]
    assert document["transitions"][:2] == [
        {"from": "talk", "to": "bid"},
        {"from": ["bid", "talk"], "to": "won"},
    ]
    assert document["moved"] == {"offer": "bid"}
    back = changes.renamed(document, 1, "offer", IN_FORCE)
    assert "moved" not in back


def test_deals_of_a_stage_that_is_taken_out_go_to_the_nearest_open_one() -> None:
    document = changes.without_stage(START, 1, IN_FORCE)
    assert document["moved"] == {"offer": "talk"}
    assert document["transitions"] == [
        {"from": "talk", "to": "won"},
        {"from": "*", "to": "lost"},
    ]
    assert changes.gone(document, IN_FORCE) == ["offer"]
    assert problems(document) == []


def test_listing_every_move_allows_what_was_allowed_from_open_stages() -> None:
    document = changes.every_move_listed({"stages": START["stages"]})
    assert problems(document) == []
    model = PipelineModel.model_validate(document)
    for origin in ("talk", "offer"):
        there = {way.to for way in model.transitions if way.leads_from(origin)}
        assert there == set(IN_FORCE) - {origin}


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "move", "rename", "way", "unway"]),
        st.integers(0, 6),
        st.integers(0, 6),
    ),
    max_size=12,
)


@given(steps)
def test_whatever_is_done_no_move_names_a_stage_that_is_not_there(
    deeds: list[tuple[str, int, int]],
) -> None:
    document: Any = START
    for deed, first, second in deeds:
        keys, ways = changes.keys_in(document), changes.ways_in(document)
        if deed == "add" and len(keys) < 9:
            document = changes.with_stage(document, first % (len(keys) + 1))
        elif deed == "remove" and len(keys) > 1:
            document = changes.without_stage(document, first % len(keys), IN_FORCE)
        elif deed == "move":
            document = changes.moved_stage(document, first % len(keys), second - 3)
        elif deed == "rename" and f"new_{second}" not in keys:
            document = changes.renamed(document, first % len(keys), f"new_{second}", IN_FORCE)
        elif deed == "way":
            origin, to = keys[first % len(keys)], keys[second % len(keys)]
            if origin != to:
                document = changes.with_way(document, origin, to)
        elif deed == "unway" and ways:
            document = changes.without_way(document, first % len(ways))
    model = PipelineModel.model_validate(document)
    wrong = {one.code for one in shape_problems(model)}
    assert not wrong & {"unknown_stage", "stage_twice", "moved_from_present", "to_itself"}
    text = written(DefinitionKind.PIPELINE, "sales", "Sales", document)
    assert dict(read_definition(text, "sales.yaml").document) == document
