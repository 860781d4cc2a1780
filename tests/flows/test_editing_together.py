"""What the canvas asks for, what a change touched, and lines that follow their parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flows.dump import dump_written
from engine.flows.editing import (
    FlowDocument,
    OperationRefused,
    Paste,
    exits_of,
    from_written,
    placed,
    read_asked,
    rearranged,
    steps_written,
    touched,
)
from engine.flows.written import read_text
from engine.steps import STEP_KINDS

READY = sorted((Path(__file__).parents[2] / "templates" / "flows").glob("*.yaml"))
STARTS: dict[str, dict[str, Any]] = {"wait": {"for": "1d"}, "branch": {"cases": [{}]}}
RULE: dict[str, Any] = {"==": [{"var": "contact.country"}, "SG"]}
ASKING: dict[str, Any] = {
    "flow": "hello",
    "purpose": "service",
    "trigger": {"on": "manual"},
    "steps": {
        "ask": {
            "do": "branch",
            "cases": [
                {"when": RULE, "label": "one", "next": "a"},
                {"when": RULE, "label": "two", "next": "b"},
                {"when": RULE, "label": "three"},
            ],
            "else": "c",
        },
        "part": {
            "do": "split",
            "arms": [
                {"name": "left", "weight": 1, "next": "a"},
                {"name": "right", "weight": 1, "next": "b"},
            ],
        },
        "a": {"do": "exit"},
        "b": {"do": "exit"},
        "c": {"do": "exit"},
    },
}


def drawn(written: dict[str, Any] | None = None) -> FlowDocument:
    return from_written(written or ASKING, STEP_KINDS)


def after(document: FlowDocument, *asked: dict[str, Any]) -> FlowDocument:
    return read_asked(list(asked), document, STEP_KINDS, STARTS)[1]


def empty() -> FlowDocument:
    return drawn({"flow": "hello", "trigger": {"on": "manual"}, "steps": {}})


@pytest.mark.parametrize("file", READY, ids=lambda file: file.stem)
def test_what_is_written_out_is_read_back_the_same(file: Path) -> None:
    data = read_text(file.read_text("utf-8"), file.name).data
    assert read_text(dump_written(data), "again").data == data


def test_new_steps_are_named_and_have_something_to_begin_with() -> None:
    add = {"op": "add_node", "id": None, "kind": "wait", "after": None}
    document = after(empty(), add, add, {**add, "kind": "branch"})
    assert list(document.nodes) == ["wait", "wait_2", "branch"]
    assert document.nodes["wait_2"].settings == {"for": "1d"}
    assert exits_of(document.nodes["branch"], STEP_KINDS) == ("case_1", "else")
    assert document.first == "wait"


def test_a_step_behind_the_trigger_becomes_the_first_and_leads_on() -> None:
    add = {"op": "add_node", "id": None, "kind": "wait", "after": ["$trigger", "start"]}
    document = after(drawn(), add)
    assert document.first == "wait"
    assert set(document.nodes["wait"].exits.values()) == {"ask"}
    assert after(empty(), add).nodes["wait"].exits == {}
    moved = after(document, {"op": "connect", "source": "$trigger", "exit": "start", "target": "a"})
    assert moved.first == "a"
    with pytest.raises(OperationRefused, match="first step"):
        after(document, {"op": "disconnect", "source": "$trigger", "exit": "start"})


def test_several_ways_out_lead_to_one_new_step() -> None:
    add = {"op": "add_node", "kind": "exit", "after": ["ask", "case_1"], "also": ["case_3", "else"]}
    document = after(drawn(), add)
    assert document.nodes["ask"].exits == {
        "case_1": "exit",
        "case_2": "b",
        "case_3": "exit",
        "else": "exit",
    }


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "undo",
        [None],
        [{}],
        [{"op": "add_node"}],
        [{"op": "add_node", "kind": ["wait"]}],
        [{"op": "add_node", "kind": "nothing"}],
        [{"op": "add_node", "kind": "wait", "after": "ask"}],
        [{"op": "add_node", "kind": "wait", "after": ["ask", "else"], "also": [["else"]]}],
        [{"op": "add_node", "kind": "wait", "settings": [1]}],
        [{"op": "connect", "source": "$trigger", "target": ["a"]}],
        [{"op": "move", "positions": {"a": [float("nan"), 1]}}],
        [{"op": "remove_nodes", "ids": "a"}] * 2_001,
    ],
)
def test_what_is_no_operation_is_refused(asked: Any) -> None:
    with pytest.raises(OperationRefused):
        read_asked(asked, drawn(), STEP_KINDS, STARTS)


def settings_with(document: FlowDocument, name: str, key: str, parts: list[Any]) -> FlowDocument:
    asked = rearranged(name, document.nodes[name], {key: parts}, STEP_KINDS)
    return after(document, *asked)


@given(st.permutations([0, 1, 2]), st.lists(st.integers(0, 2), unique=True, max_size=2))
@settings(max_examples=40, deadline=None)
def test_the_line_of_a_case_follows_it(order: list[int], gone: list[int]) -> None:
    document = drawn()
    cases = document.nodes["ask"].settings["cases"]
    targets = dict(zip(("one", "two", "three"), ("a", "b", None), strict=True))
    kept = [cases[index] for index in order if index not in gone]
    document = settings_with(document, "ask", "cases", kept)
    exits = document.nodes["ask"].exits
    for index, case in enumerate(kept):
        assert exits.get(f"case_{index + 1}") == targets[case["label"]]
    assert exits["else"] == "c"


def test_a_case_that_is_changed_where_it_stands_keeps_its_line() -> None:
    document = drawn()
    cases = list(document.nodes["ask"].settings["cases"])
    cases[1] = {**cases[1], "label": "another"}
    assert settings_with(document, "ask", "cases", cases).nodes["ask"].exits["case_2"] == "b"
    more = settings_with(document, "ask", "cases", [{"when": RULE}, *cases])
    assert more.nodes["ask"].exits == {"case_2": "a", "else": "c"}


def test_an_arm_with_another_name_keeps_its_line() -> None:
    document = drawn()
    arms = [{"name": "north", "weight": 1}, {"name": "right", "weight": 3}]
    assert settings_with(document, "part", "arms", arms).nodes["part"].exits == {
        "north": "a",
        "right": "b",
    }


def test_a_change_touches_what_it_changed_and_no_place() -> None:
    document = drawn()
    assert touched(document, after(document, {"op": "move", "positions": {"a": [1, 2]}})) == set()
    removed = after(document, {"op": "remove_nodes", "ids": ["a"]})
    assert touched(document, removed) == {"a", "ask", "part"}
    head = after(document, {"op": "set_head", "key": "goal", "value": {"event": "Ordered"}})
    assert touched(document, head) == {"$goal"}
    assert touched(document, after(document, {"op": "set_first", "id": "a"})) == {"$first"}


def test_copied_steps_come_where_they_are_pasted() -> None:
    document = after(drawn(), {"op": "move", "positions": {"a": [10, 20], "b": [30, 50]}})
    found = steps_written(document, ["a", "b", "nobody", "a"], STEP_KINDS)
    assert found["steps"] == {"a": {"do": "exit"}, "b": {"do": "exit"}}
    paste = Paste.model_validate({"op": "paste", **found})
    assert placed(paste, (100, 100)).positions == {"a": (100, 100), "b": (120, 130)}
    assert placed(paste, None).positions == {}
