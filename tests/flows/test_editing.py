"""Drawing a flow: operations change a document, wrong ones change nothing, undo brings all back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flows.editing import (
    FlowDocument,
    History,
    OperationRefused,
    apply,
    exits_of,
    from_stored,
    from_written,
    new_document,
    read_operations,
)
from engine.flows.load import load_flow
from engine.flows.written import read_text
from engine.steps import STEP_KINDS
from tests.flows.reading import CATALOGUE

READY = sorted((Path(__file__).parents[2] / "templates" / "flows").glob("*.yaml"))
LINE: dict[str, Any] = {
    "flow": "hello",
    "label": "Hello",
    "subject": "contact",
    "purpose": "service",
    "trigger": {"on": "manual"},
    "entry": "once",
    "steps": {
        "greet": {"do": "send_message", "template": "welcome", "next": "rest"},
        "rest": {"do": "wait", "for": "P1D", "next": "end"},
        "end": {"do": "exit"},
    },
}


def drawn(written: dict[str, Any] = LINE) -> FlowDocument:
    return from_written(written, STEP_KINDS)


def after(document: FlowDocument, *operations: dict[str, Any]) -> FlowDocument:
    return History(document).done(read_operations(list(operations)), STEP_KINDS).now


def lines(document: FlowDocument) -> set[tuple[str, str, str]]:
    return set(document.edges())


@pytest.mark.parametrize("file", READY, ids=lambda file: file.stem)
def test_a_ready_flow_drawn_and_written_again_is_the_same_flow(file: Path) -> None:
    text = file.read_text("utf-8")
    flow = load_flow(text, file=file.name, kinds=STEP_KINDS, catalogue=CATALOGUE)
    document = drawn(read_text(text, file.name).data)
    again = from_stored(document.stored(STEP_KINDS), STEP_KINDS)
    assert again == document
    written = document.written(STEP_KINDS)
    back = load_flow(json.dumps(written), file=file.name, kinds=STEP_KINDS, catalogue=CATALOGUE)
    assert back.hash() == flow.hash()


def test_a_database_that_keeps_no_order_of_keys_does_not_change_where_a_flow_begins() -> None:
    document = drawn()
    unordered = json.loads(json.dumps(document.stored(STEP_KINDS), sort_keys=True))
    again = from_stored(unordered, STEP_KINDS)
    assert again.first == "greet"
    assert list(again.nodes) == ["greet", "rest", "end"]


def test_a_new_step_on_a_line_leads_on_to_where_the_line_led() -> None:
    [exit_name] = exits_of(drawn().nodes["rest"], STEP_KINDS)
    add = {"op": "add_node", "id": "ask", "kind": "branch", "after": ["rest", exit_name]}
    document = after(drawn(), add)
    assert ("rest", exit_name, "ask") in lines(document)
    assert ("ask", "else", "end") in lines(document)


def test_removing_a_step_leads_its_lines_on() -> None:
    document = after(drawn(), {"op": "remove_nodes", "ids": ["rest"]})
    assert {target for source, _, target in lines(document) if source == "greet"} == {"end"}
    alone = after(drawn(), {"op": "remove_nodes", "ids": ["greet", "rest", "end"]})
    assert (alone.nodes, alone.first) == ({}, None)


def test_the_first_step_is_taken_over_by_the_one_behind_it() -> None:
    document = after(drawn(), {"op": "remove_nodes", "ids": ["greet"]})
    assert document.first == "rest"
    assert "first" not in document.written(STEP_KINDS)
    chosen = after(drawn(), {"op": "set_first", "id": "rest"})
    assert chosen.written(STEP_KINDS)["first"] == "rest"


def test_a_renamed_step_keeps_its_lines_note_and_place() -> None:
    document = after(
        drawn(),
        {"op": "set_note", "id": "rest", "text": "why a day?"},
        {"op": "move", "positions": {"rest": [10, 20], "nobody": [1, 1]}},
        {"op": "rename", "id": "rest", "to": "pause"},
    )
    assert document.notes == {"pause": "why a day?"}
    assert document.positions == {"pause": (10, 20)}
    assert {target for source, _, target in lines(document) if source == "greet"} == {"pause"}


def test_a_case_that_is_gone_takes_its_line_along() -> None:
    rule = {"==": [{"var": "contact.country"}, "SG"]}
    document = after(
        drawn(),
        {"op": "add_node", "id": "ask", "kind": "branch", "settings": {"cases": [{"when": rule}]}},
        {"op": "connect", "source": "ask", "exit": "case_1", "target": "end"},
        {"op": "connect", "source": "ask", "exit": "else", "target": "greet"},
    )
    assert document.written(STEP_KINDS)["steps"]["ask"] == {
        "do": "branch",
        "cases": [{"when": rule, "next": "end"}],
        "else": "greet",
    }
    document = after(document, {"op": "set_settings", "id": "ask", "settings": {"cases": []}})
    assert document.nodes["ask"].exits == {"else": "greet"}


def test_pasted_steps_get_names_of_their_own_and_keep_the_lines_among_them() -> None:
    steps = {name: LINE["steps"][name] for name in ("rest", "end")}
    document = after(drawn(), {"op": "paste", "steps": steps, "positions": {"rest": [5, 5]}})
    assert list(document.nodes) == ["greet", "rest", "end", "rest_2", "end_2"]
    assert {target for source, _, target in lines(document) if source == "rest_2"} == {"end_2"}
    assert document.positions == {"rest_2": (5, 5)}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"op": "add_node", "id": "rest", "kind": "wait"}, "taken"),
        ({"op": "add_node", "id": "Rest!", "kind": "wait"}, "bad_name"),
        ({"op": "add_node", "id": "x", "kind": "teleport"}, "unknown_kind"),
        ({"op": "connect", "source": "greet", "exit": "never", "target": "end"}, "unknown_exit"),
        ({"op": "connect", "source": "gone", "exit": "sent", "target": "end"}, "unknown_node"),
        ({"op": "set_head", "key": "steps", "value": {}}, "unknown_key"),
        ({"op": "rename", "id": "rest", "to": "end"}, "taken"),
        ({"op": "explode"}, "bad_operation"),
        ({"op": "move", "positions": {"rest": [float("nan"), 0]}}, "bad_operation"),
        ({"op": "connect", "source": "greet"}, "bad_operation"),
    ],
)
def test_a_wrong_operation_is_refused_and_its_batch_with_it(
    operation: dict[str, Any], code: str
) -> None:
    fine = {"op": "set_head", "key": "label", "value": "Other"}
    history = History(drawn())
    with pytest.raises(OperationRefused) as refused:
        history.done(read_operations([fine, operation]), STEP_KINDS)
    assert refused.value.code == code


def test_a_flow_that_is_wrong_is_kept_as_it_is() -> None:
    wrong = {
        **LINE,
        "colour": "blue",
        "steps": {
            **LINE["steps"],
            "ask": {"do": "branch", "cases": "none"},
            "odd": {"do": "teleport", "where": "moon"},
        },
    }
    assert drawn(wrong).written(STEP_KINDS) == wrong


def test_an_empty_flow_becomes_a_whole_one() -> None:
    document = after(
        new_document("greeting", "Greeting", "service"),
        {"op": "add_node", "id": "greet", "kind": "send_message"},
        {"op": "set_settings", "id": "greet", "settings": {"template": "welcome"}},
        {"op": "add_node", "id": "end", "kind": "exit"},
        *(
            {"op": "connect", "source": "greet", "exit": way_out, "target": "end"}
            for way_out in STEP_KINDS["send_message"].named_exits
        ),
        {"op": "set_head", "key": "trigger", "value": {"on": "event", "event": "Signed Up"}},
    )
    assert document.written(STEP_KINDS)["steps"] == {
        "greet": {"do": "send_message", "template": "welcome", "next": "end"},
        "end": {"do": "exit"},
    }


NAMES = st.sampled_from(["greet", "rest", "end", "ask", "more", "rest_2"])
EXITS = st.sampled_from(["sent", "undeliverable", "next", "done", "else", "case_1"])
PLACES = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)).map(list)
OPERATIONS = st.one_of(
    st.fixed_dictionaries(
        {"op": st.just("add_node"), "id": NAMES, "kind": st.sampled_from(sorted(STEP_KINDS))},
        optional={"after": st.tuples(NAMES, EXITS).map(list), "position": PLACES},
    ),
    st.fixed_dictionaries({"op": st.just("remove_nodes"), "ids": st.lists(NAMES, max_size=3)}),
    st.fixed_dictionaries(
        {"op": st.just("connect"), "source": NAMES, "exit": EXITS, "target": NAMES}
    ),
    st.fixed_dictionaries({"op": st.just("disconnect"), "source": NAMES, "exit": EXITS}),
    st.fixed_dictionaries({"op": st.just("rename"), "id": NAMES, "to": NAMES}),
    st.fixed_dictionaries({"op": st.just("set_note"), "id": NAMES, "text": st.text(max_size=5)}),
    st.fixed_dictionaries({"op": st.just("set_first"), "id": NAMES}),
    st.fixed_dictionaries(
        {"op": st.just("move"), "positions": st.dictionaries(NAMES, PLACES, max_size=2)}
    ),
    st.fixed_dictionaries({"op": st.just("lay_out")}),
    st.fixed_dictionaries(
        {
            "op": st.just("set_settings"),
            "id": NAMES,
            "settings": st.sampled_from([{}, {"cases": [{}, {}]}, {"cases": 3}, {"for": "P1D"}]),
        }
    ),
    st.fixed_dictionaries({"op": st.just("paste"), "steps": st.just(LINE["steps"])}),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(OPERATIONS, max_size=25))
def test_whatever_was_done_is_whole_and_can_be_undone(
    operations: Sequence[dict[str, Any]],
) -> None:
    history = History(drawn())
    for operation in operations:
        try:
            history = history.done(read_operations([operation]), STEP_KINDS)
        except OperationRefused:
            continue
        document = history.now
        assert (document.first is None) == (not document.nodes)
        assert document.first is None or document.first in document.nodes
        assert {*document.notes, *document.positions} <= set(document.nodes)
        for node in document.nodes.values():
            assert set(node.exits.values()) <= set(document.nodes)
        again = from_stored(document.stored(STEP_KINDS), STEP_KINDS)
        assert set(again.nodes) == set(document.nodes)
    last, done = history.now, len(history.past)
    for _ in range(done):
        history = history.undone()
    assert history.now == drawn()
    for _ in range(done):
        history = history.redone()
    assert history.now == last


def test_an_operation_alone_is_applied_like_one_of_a_batch() -> None:
    [operation] = read_operations([{"op": "set_head", "key": "holdout", "value": 5}])
    assert apply(drawn(), operation, STEP_KINDS).head["holdout"] == 5
