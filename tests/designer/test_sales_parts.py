"""Parts of the sales rooms that need no page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.components.deal_board import Drop, More, read_drop, read_more
from designer.i18n import translator
from designer.sales.board_filter import CLOSES, Chosen, chosen_of
from designer.sales.fields import field_of
from designer.sales.words import problem_words
from engine.errors import Problem
from engine.services.deals.board import BoardFilter

TODAY = date(2026, 11, 22)
words = st.text(alphabet="abc 1%&=?/市", max_size=8).map(str.strip)
chosen = st.builds(
    Chosen,
    pipeline=words,
    owner=st.sampled_from(["", "me", "none", "12"]),
    team=st.sampled_from(["", "3"]),
    text=words,
    closes=st.sampled_from(["", *CLOSES]),
    stuck=st.booleans(),
    sort=st.sampled_from(["newest", "oldest", "amount", "close"]),
)


@given(chosen)
def test_an_address_shows_what_was_chosen(given_: Chosen) -> None:
    from urllib.parse import parse_qsl, urlsplit

    query = dict(parse_qsl(urlsplit(given_.at("/board")).query))
    assert chosen_of(query) == given_


def test_an_address_with_nonsense_asks_for_nothing() -> None:
    nonsense = {"owner": "9" * 30, "team": "x", "closes": "never", "sort": "by_mood", "stuck": "y"}
    assert chosen_of(nonsense) == Chosen()


def test_filters_are_days_and_people() -> None:
    asked = Chosen(owner="me", closes="quarter").wanted(5, TODAY)
    assert asked == BoardFilter(
        owner_id=5, closes_from=date(2026, 10, 1), closes_until=date(2026, 12, 31)
    )
    late = Chosen(owner="none", closes="overdue").wanted(5, TODAY)
    assert late == BoardFilter(no_owner=True, closes_until=date(2026, 11, 21))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(anything)
def test_what_no_board_sends_is_nothing(value: Any) -> None:
    more, drop = read_more(value), read_drop(value)
    assert more is None or (isinstance(more.count, int) and 1 <= more.count <= 300)
    assert drop is None or drop.deal_id > 0


def test_what_a_board_sends_is_read() -> None:
    assert read_more([2, "talk", [-5, 7], 9_999]) == More(2, "talk", (-5, 7), 300)
    assert read_more([2, "talk", None, 0]) == More(2, "talk", None, 1)
    assert read_drop([7, "talk", "won", False]) == Drop(7, "talk", "won", False)
    assert read_drop([2**70, "talk", "won", False]) is None
    assert read_drop([7, "t" * 300, "won", False]) is None


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("/fields/amount", "amount"),
        ("/fields/amount/minor", "amount"),
        ("/fields/currency", "amount"),
        ("/fields/custom/tier", "custom.tier"),
        ("/lost_reason", "lost_reason"),
        ("/contact/phone", ""),
        ("/to", ""),
        ("", ""),
    ],
)
def test_a_problem_is_told_at_its_field(place: str, field: str) -> None:
    assert field_of(Problem(place, "missing", "x")) == field


def test_what_services_say_in_english_is_said_in_chinese_by_its_code() -> None:
    t = translator("zh-CN")
    assert problem_words(Problem("/to", "locked", "it is locked"), t) == "审批进行中，此项已锁定。"
    assert problem_words(Problem("/to", "rule", "因为金额"), t) == "因为金额"
    assert problem_words(Problem("/x", "odd", "so so"), translator("en")) == "So so"
