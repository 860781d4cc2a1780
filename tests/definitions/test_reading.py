"""Texts become drafts, or are refused with every mistake and its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions import (
    DefinitionKind,
    DefinitionRefused,
    Draft,
    World,
    located,
    read_definition,
)
from engine.errors import Problem
from engine.flows.places import Places
from engine.people import Directory, Person


def places_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionRefused) as refused:
        read_definition(text, "x.yaml")
    return [(one.place, one.code) for one in refused.value.problems]


def test_one_key_says_kind_and_name_and_the_rest_is_the_document() -> None:
    draft = read_definition("# why\npipeline: b2b\nlabel: B2B\nstages: {open: {}}\n", "b2b.yaml")
    assert (draft.kind, draft.name, draft.label) == (DefinitionKind.PIPELINE, "b2b", "B2B")
    assert draft.document == {"stages": {"open": {}}}
    assert draft.source.startswith("# why")


def test_a_name_speaks_for_a_label_that_is_missing() -> None:
    assert read_definition("approval_chain: big_discount", "x").label == "Big discount"


def test_the_same_definition_has_the_same_hash_however_it_is_written() -> None:
    text = "assignment: leads\nlabel: Leads\nrules: [{to: 1}]\n"
    as_json = json.dumps({"label": "Leads", "rules": [{"to": 1}], "assignment": "leads"})
    assert read_definition(text, "x").hash() == read_definition(as_json, "y").hash()
    renamed = text.replace("Leads", "All leads")
    assert read_definition(renamed, "x").hash() != read_definition(text, "x").hash()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("x.yaml:1:1", "wrong_type")]),
        ("[]", [("x.yaml:1:1", "wrong_type")]),
        ("flow: x", [("x.yaml:1:7", "unknown_kind")]),
        ("{}", [("x.yaml:1:1", "unknown_kind")]),
        ("pipeline: a\nassignment: b", [("x.yaml:2:13", "several_kinds")]),
        ("pipeline: Big one", [("x.yaml:1:11", "bad_name")]),
        ("pipeline: ../../etc", [("x.yaml:1:11", "bad_name")]),
        ("pipeline: a\nlabel: 7", [("x.yaml:2:8", "bad_label")]),
        ("pipeline: a\nlabel_zh: []", [("x.yaml:2:1", "bad_label")]),
        ("pipeline: a\nx: 1\nx: 2", [("x.yaml:3:1", "duplicate_key")]),
        ("pipeline: a\n---\npipeline: b", [("x.yaml:2:1", "several_documents")]),
        ("pipeline: &a b", [("x.yaml:1:11", "alias_refused")]),
        ("pipeline: [", [("x.yaml:2:1", "syntax")]),
        ("\tpipeline: a", [("x.yaml:1:1", "tab_indentation")]),
    ],
)  # fmt: skip
def test_mistakes_have_codes_and_places(text: str, found: list[tuple[str, str]]) -> None:
    assert places_of(text) == found


def test_texts_that_are_far_too_large_are_refused_in_words_of_definitions() -> None:
    with pytest.raises(DefinitionRefused, match="a definition may be"):
        read_definition("pipeline: a\n#" + "x" * 2_000_000, "x.yaml")


def test_pointers_become_lines_in_the_order_of_the_file() -> None:
    draft = read_definition("pipeline: a\nstages:\n  one:\n    sla: 3x\n    tpyo: 1\n", "a.yaml")
    problems = [
        Problem("/stages/one/tpyo", "unknown_key", "?"),
        Problem("/stages/one/sla", "bad_span", "?"),
        Problem("/stages/two", "missing", "?"),
        Problem("", "missing_key", "?"),
    ]
    found = [one.place for one in located(problems, draft.places)]
    assert found == ["a.yaml:1:1", "a.yaml:2:1", "a.yaml:4:10", "a.yaml:5:5"]


def test_a_place_that_is_no_pointer_stays() -> None:
    problem = Problem("stage open", "odd", "?")
    assert located([problem], Places("x")) == [problem]


def test_a_world_that_is_not_known_refuses_nothing() -> None:
    nowhere = World()
    assert nowhere.has_calendar("x")
    assert nowhere.has_team("x")
    assert nowhere.has_person("x@example.com")
    assert nowhere.has_definition(DefinitionKind.PIPELINE, "x")
    assert not nowhere.has_role("king")


def test_a_world_that_is_known_has_what_it_has() -> None:
    people = {
        1: Person(1, "P", "p@example.com", "rep"),
        2: Person(2, "Q", "q@example.com", "rep", active=False),
    }
    here = World(directory=Directory(people), names={DefinitionKind.PIPELINE: frozenset({"b2b"})})
    assert here.has_person("P@example.com")
    assert not here.has_person("q@example.com")
    assert not here.has_team("East")
    assert here.has_definition(DefinitionKind.PIPELINE, "b2b")
    assert not here.has_definition(DefinitionKind.APPROVAL, "b2b")


TEXTS = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60),
    st.builds(
        lambda key, value: f"{key}: {value}\nlabel: x\n",
        st.sampled_from(["pipeline", "assignment", "flow", "label_zh", "? "]),
        st.text(alphabet='ab_ 1[]{}:"&*!\n-', max_size=20),
    ),
)


@given(TEXTS)
@settings(max_examples=200)
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    found = read_or_refused(text)
    if isinstance(found, Draft):
        assert found.hash() == read_definition(found.source, "y.yaml").hash()
    else:
        assert found
        assert all(one.place and one.message for one in found)


def read_or_refused(text: str | bytes) -> Draft | tuple[Problem, ...]:
    try:
        return read_definition(text, "x.yaml")
    except DefinitionRefused as refused:
        return refused.problems
