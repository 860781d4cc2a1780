"""What drawing does to documents: every change undone, bands without gaps, text read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.i18n import translator
from designer.ladders import chain_document as changes
from designer.ladders.duty_form import renamed_duty
from designer.ladders.sheet import Sheet, inserted, moved, value_at, with_value, without
from designer.ladders.span_words import span_words, split_span
from designer.ladders.written import written
from engine.approvals import read_chain
from engine.definitions import DefinitionKind, read_definition
from engine.errors import Problem
from engine.runtime import templates_folder
from engine.services.definitions.ready import ready_definitions

CHAIN: dict[str, Any] = {
    "levels": [
        {"key": "one", "approvers": [{"role": "admin"}]},
        {"key": "two", "approvers": [{"role": "sales_manager"}]},
    ]
}


def problems_of(document: Mapping[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    read_chain(document, found)
    return found


moves = st.lists(
    st.tuples(
        st.sampled_from(["level", "gone", "move", "band", "no_band", "tick"]), st.integers(0, 6)
    ),
    max_size=12,
)


def applied(document: Any, move: tuple[str, int]) -> Any:
    deed, number = move
    levels, bands = document["levels"], document.get("bands") or []
    match deed:
        case "level" if len(levels) < 6:
            return changes.with_level(document, number % (len(levels) + 1))
        case "gone" if len(levels) > 1:
            return changes.without_level(document, number % len(levels))
        case "move":
            return changes.moved_level(document, number % len(levels), 1 if number % 2 else -1)
        case "band" if len(bands) < 5:
            return changes.with_band(document)
        case "no_band" if bands:
            return changes.without_band(document, number % len(bands))
        case "tick" if bands:
            key = levels[number % len(levels)]["key"]
            return changes.with_through(document, number % len(bands), key, goes=True)
    return document


@settings(max_examples=60)
@given(moves)
def test_bands_stay_without_gaps_and_name_levels_that_are_there(
    drawn: list[tuple[str, int]],
) -> None:
    document: Any = CHAIN
    for move in drawn:
        document = applied(document, move)
    wrong = {one.code for one in problems_of(document)}
    # a level may be left without a band, and a band without levels: both are said, not mended
    never = {"band_gap", "overlapping_bands", "empty_band", "unknown_level", "duplicate_key"}
    assert not wrong & never, problems_of(document)


@settings(max_examples=60)
@given(moves)
def test_every_change_is_undone_and_done_again(drawn: list[tuple[str, int]]) -> None:
    sheet, seen = Sheet(CHAIN), [CHAIN]
    for move in drawn:
        if sheet.put(applied(sheet.document, move)):
            seen.append(sheet.document)
    for before in reversed(seen[:-1]):
        assert sheet.undo()
        assert sheet.document == before
    assert not sheet.can_undo
    while sheet.redo():
        pass
    assert sheet.document == seen[-1]


@pytest.mark.parametrize(
    "draft",
    [one for one in ready_definitions(templates_folder()) if one.kind != "pipeline"],
    ids=lambda one: one.name,
)
def test_what_is_shipped_is_written_as_it_was_read(draft: Any) -> None:
    text = written(draft.kind, draft.name, draft.label, draft.document)
    again = read_definition(text, "again.yaml")
    assert again.hash() == draft.hash()
    assert (again.kind, again.name) == (draft.kind, draft.name)


def test_two_equal_rules_are_written_without_anchors() -> None:
    rule = {"==": [{"var": "deal.stage"}, "won"]}
    text = written(DefinitionKind.APPROVAL, "x", "X", {"levels": [rule, rule]})
    assert "&id" not in text


def test_one_number_moves_the_end_of_a_band_and_the_beginning_of_the_next() -> None:
    document = changes.with_band(changes.with_band(CHAIN))
    document = changes.with_bound(document, 0, 500)
    bands = document["bands"]
    assert [(one["from"], one.get("to")) for one in bands] == [
        (0, 500),
        (500, 10000),
        (10000, None),
    ]


def test_a_band_that_goes_leaves_its_amounts_to_its_neighbour() -> None:
    document = changes.with_band(changes.with_band(CHAIN))
    without_last = changes.without_band(document, 2)
    assert [(o["from"], o.get("to")) for o in without_last["bands"]] == [(0, 1000), (1000, None)]
    assert "bands" not in changes.without_band(without_last, 0)
    assert "currency" not in changes.without_band(without_last, 0)


def test_a_level_under_another_name_stays_in_its_bands() -> None:
    document = changes.with_key(changes.with_band(CHAIN), 0, "first")
    assert document["bands"][0]["levels"] == ["first"]
    assert document["bands"][1]["levels"] == ["first", "two"]


def test_a_voice_asked_of_somebody_else_keeps_what_it_weighs() -> None:
    found = changes.with_way({"role": "admin", "weight": 3, "veto": True}, "manager_of")
    assert found == {"manager_of": {"of": "requester"}, "weight": 3, "veto": True}
    assert changes.way_of({"manager_of": {}}) == "manager_of"


def test_a_renamed_duty_is_followed_by_the_levels_that_tell_it() -> None:
    document = {
        "levels": [{"to": "on_duty:old"}, {"to": ["owner", "on_duty:old"]}],
        "rotations": {"old": {"turns": "daily"}},
    }
    found = renamed_duty(document, "old", "new")
    assert found["rotations"] == {"new": {"turns": "daily"}}
    assert [one["to"] for one in found["levels"]] == [["on_duty:new"], ["owner", "on_duty:new"]]


def test_places_of_a_document() -> None:
    document = {"a": [{"b": 1}, {"b": 2}]}
    assert value_at(document, ("a", 1, "b")) == 2
    assert value_at(document, ("a", 7, "b"), "-") == "-"
    assert with_value(document, ("a", 0, "b"), None) == {"a": [{}, {"b": 2}]}
    assert with_value({}, ("x", "y"), 1) == {"x": {"y": 1}}
    assert inserted(document, ("a",), 0, 5)["a"][0] == 5
    assert moved(document, ("a",), 0, 5)["a"] == [{"b": 2}, {"b": 1}]
    assert without(document, ("a",), 0) == {"a": [{"b": 2}]}
    assert document == {"a": [{"b": 1}, {"b": 2}]}


@pytest.mark.parametrize(
    ("text", "working", "clock", "chinese"),
    [
        ("4h", "4 working hours", "4 hours", "4 个工作小时"),
        ("P1D", "1 working day", "1 day", "1 个工作日"),
        ("1d12h", "1 working day 12 working hours", "1 day 12 hours", "1 个工作日 12 个工作小时"),
        ("soon", "soon", "soon", "soon"),
    ],
)
def test_lengths_of_time_in_words(text: str, working: str, clock: str, chinese: str) -> None:
    assert span_words(text, translator("en"), working=True) == working
    assert span_words(text, translator("en"), working=False) == clock
    assert span_words(text, translator("zh-CN"), working=True) == chinese


@pytest.mark.parametrize(
    ("text", "split"),
    [("90m", (90, "m")), ("2h", (2, "h")), ("P14D", (2, "w")), ("3d", (3, "d")), ("1d2h", None)],
)
def test_a_length_is_split_into_a_number_and_a_unit(text: str, split: Any) -> None:
    assert split_span(text) == split
