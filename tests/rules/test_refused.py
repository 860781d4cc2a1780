"""Rules that must not be saved: each mistake is coded and pointed to where it was written."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules import Rule, RuleProblem, RuleRefused, parse
from engine.rules.limits import MAX_DEPTH, MAX_LIST_ITEMS, MAX_NODES
from engine.rules.operators import all_operators
from tests.rules.adversarial import CATALOGUE, NOW

FILES = sorted((Path(__file__).parent / "refused").glob("*.yaml"))


def problems(document: Any) -> tuple[RuleProblem, ...]:
    with pytest.raises(RuleRefused) as refused:
        parse(document, CATALOGUE, event_rule=False)
    return refused.value.problems


def points_into(document: Any, pointer: str) -> bool:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(key)] if isinstance(document, list) else document[key]
        except (KeyError, IndexError, TypeError, ValueError):
            return False
    return True


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_is_refused_at_its_place(file: Path) -> None:
    example = yaml.safe_load(file.read_text("utf-8"))
    found = problems(example["rule"])
    assert [[problem.pointer, problem.code] for problem in found] == example["problems"]
    for problem in found:
        assert points_into(example["rule"], problem.pointer)
        assert problem.message.endswith(".")
        assert problem.message[0].isupper() or not problem.message[0].isalpha()


def nested(levels: int) -> Any:
    rule: Any = True
    for _ in range(levels):
        rule = {"!": [rule]}
    return rule


def test_depth_is_limited_and_never_reaches_the_stack() -> None:
    assert parse(nested(MAX_DEPTH - 1), CATALOGUE, event_rule=False).holds({}, NOW) is False
    for levels in (MAX_DEPTH + 1, 100_000):
        assert [problem.code for problem in problems(nested(levels))] == ["too_deep"]


def test_lists_in_lists_are_limited_too() -> None:
    document: Any = []
    for _ in range(50_000):
        document = [document]
    assert problems(document)[0].code == "too_deep"


def test_width_is_limited() -> None:
    one = {"is_set": [{"var": "contact.phone"}]}
    assert problems({"and": [one] * MAX_NODES})[0].code == "too_large"
    assert problems({"and": [one] * 100_000})[0].code == "too_many_items"
    countries = [f"c{number}" for number in range(MAX_LIST_ITEMS + 1)]
    assert problems({"in": [{"var": "contact.country"}, countries]})[0].code == "too_many_items"
    parse({"in": [{"var": "contact.country"}, countries[1:]]}, CATALOGUE, event_rule=False)


def test_short_rules_cannot_unfold_into_giant_ones() -> None:
    rule: Any = {"var": "contact.score"}
    for _ in range(MAX_DEPTH - 5):
        rule = {"if": [{"between": [rule, 1, 2]}, 1, 2]}
    found = problems({"==": [rule, 1]})
    assert {problem.code for problem in found} <= {"too_large", "too_deep"}


def test_a_document_that_holds_itself_is_refused() -> None:
    document: dict[str, Any] = {"!": []}
    document["!"].append(document)
    assert problems(document)[0].code == "too_deep"


def test_numbers_that_no_back_end_can_hold_are_refused() -> None:
    for value in (math.nan, math.inf, -math.inf, 10**5_000, 1e300, 2**53 + 1, 5e-324):
        assert problems({"==": [{"var": "contact.score"}, value]})[0].code == "bad_number"


def test_texts_that_no_database_can_hold_are_refused() -> None:
    for value in ("\ud800", "a\udfff", "\0", "x" * 10_001):
        assert problems({"==": [{"var": "contact.country"}, value]})[0].code == "bad_text"


def test_names_that_no_database_can_hold_are_refused() -> None:
    for name in ("a\0b", "a\ud800", "x" * 10_001):
        path = f"properties.{name}"
        document = {"some": [{"var": "events"}, {"is_set": [{"var": path}]}]}
        assert [(one.code, one.pointer) for one in problems(document)] == [
            ("bad_text", "/some/1/is_set/0/var")
        ]
        (found,) = problems({"done": ["Signed Up", ">=", 1, None, {"==": [{"var": path}, 1]}]})
        assert found.code == "bad_text"


def test_what_is_not_json_is_refused() -> None:
    for value in (object(), {1, 2}, b"bytes", NOW):
        assert problems(value)[0].code in ("not_a_rule", "wrong_type")
        assert problems({"==": [{"var": "contact.country"}, value]})
    assert problems({1: 2})[0].code == "unknown_operator"


words = st.sampled_from(
    [*all_operators(), "nonsense", "", "/", "~", "dialect", "rule", "contact.score", "orders"]
)
paths = st.sampled_from(
    ["contact.score", "contact.email", "orders", "events", "contact.tags", "account.name", "x", ""]
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    words,
    paths,
    st.sampled_from(["in_last", "days", "EUR", "now", "P3D", ">=", "2026-03-29"]),
    paths.map(lambda path: {"var": path}),
)
hostile = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(words, st.lists(inner, max_size=5), min_size=1, max_size=1),
        st.dictionaries(words, inner, max_size=2),
    ),
    max_leaves=25,
)


def checked(document: Any) -> tuple[Rule | None, tuple[RuleProblem, ...]]:
    try:
        return parse(document, CATALOGUE, event_rule=True, subject="deal"), ()
    except RuleRefused as refused:
        return None, refused.problems


@given(hostile)
@settings(max_examples=600, deadline=None)
def test_anything_is_refused_with_places_or_evaluated_and_nothing_crashes(document: Any) -> None:
    rule, found = checked(document)
    if rule is None:
        assert found
        assert all(points_into(document, problem.pointer) for problem in found)
    else:
        assert rule.holds({}, NOW) in (True, False)
        assert rule.explain({"contact": {}}, NOW).truth is rule.holds({"contact": {}}, NOW)
