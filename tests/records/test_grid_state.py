"""How a list is seen comes from addresses and saved views: read with suspicion. Pure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Refused
from engine.services.views.grids.fields import COLUMNS, ORDER, fields_of
from engine.services.views.grids.state import read_leniently, read_state, usual

FIELDS = fields_of("contact", ())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "search": ANYTHING,
        "rule": ANYTHING,
        "order": st.lists(st.tuples(st.sampled_from([*FIELDS, "x"]), ANYTHING) | ANYTHING),
        "columns": st.lists(st.sampled_from([*FIELDS, "x"]) | ANYTHING, max_size=5),
        "conditions": st.lists(
            st.tuples(
                st.sampled_from([*FIELDS, "x"]),
                st.sampled_from(["any", "none", "between", "last", "contains", "known", "y"]),
                st.lists(ANYTHING, max_size=3),
            )
            | ANYTHING,
            max_size=3,
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(ANYTHING | PARTS)
def test_whatever_comes_is_read_or_refused_and_never_breaks(document: Any) -> None:
    state, problems = read_leniently("contact", document, FIELDS)
    again, none = read_leniently("contact", state.document(), FIELDS)
    assert none == ()
    assert again.document() == state.document()
    if problems:
        with pytest.raises(Refused):
            read_state("contact", document, FIELDS)


def test_what_is_as_usual_is_not_written_down() -> None:
    assert usual("contact").document() == {}
    state = read_state("contact", {}, FIELDS)
    assert (state.order, state.columns) == (ORDER["contact"], COLUMNS["contact"])


def test_every_mistake_is_said_at_its_place() -> None:
    wrong = {
        "conditions": [["score", "between", [None, None]], ["name", "any", ["x"]]],
        "order": [["tags", True]],
        "columns": ["no_such"],
        "surprise": 1,
    }
    with pytest.raises(Refused) as refused:
        read_state("contact", wrong, FIELDS)
    assert {one.place for one in refused.value.problems} == {
        "/conditions/0",
        "/conditions/1",
        "/order/0",
        "/columns/0",
        "/surprise",
    }


def test_a_view_with_a_field_that_is_gone_keeps_the_rest() -> None:
    document = {"columns": ["name", "custom.gone"], "conditions": [["score", "known", []]]}
    state, problems = read_leniently("contact", document, FIELDS)
    assert state.columns == ("name",)
    assert len(state.conditions) == 1
    assert [one.place for one in problems] == ["/columns/1"]


def test_tickets_take_no_rule() -> None:
    _, problems = read_leniently("ticket", {"rule": True}, fields_of("ticket", ()))
    assert [one.place for one in problems] == ["/rule"]
