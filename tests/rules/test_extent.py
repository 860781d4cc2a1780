"""A short document that unfolds into a deep or large rule is refused; whatever is accepted can be
asked, explained, indexed, written as SQL and said, also far down in a stack.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import pytest
from sqlalchemy.dialects import postgresql

from engine.rules import Rule, RuleRefused, ir, parse
from engine.rules.analysis import verdict
from engine.rules.extent import Extents
from engine.rules.index import Shelf
from engine.rules.limits import MAX_CHECKED_DEPTH
from engine.rules.parse import compiled
from engine.rules.to_sql import Reach
from engine.rules.wording import as_json, describe, sentence
from tests.rules.adversarial import CATALOGUE, NOW
from tests.rules.agreement import ids
from tests.rules.hostile_rules import nested

FRAMES = 200
SCORE = {"var": "contact.score"}
KNOWN = {"is_set": [{"var": "contact.email"}]}
NEVER = {"<": [SCORE, 0]}
COUNT = {"count": [{"var": "orders"}, {">": [{"var": "item_count"}, 1]}]}
Answer = TypeVar("Answer")


def further_down(frames: int, ask: Callable[[], Answer]) -> Answer:
    return ask() if frames == 0 else further_down(frames - 1, ask)


def sql(rule: Rule, reach: Reach) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(ids(rule, reach).compile(dialect=dialect))


def refusals(document: Any, segments: dict[str, Any] | None = None) -> set[str]:
    def asked() -> Rule:
        return parse(document, CATALOGUE, event_rule=False, segments=segments)

    with pytest.raises(RuleRefused) as refused:
        further_down(FRAMES, asked)
    return {problem.code for problem in refused.value.problems}


def sum_of(numbers: int, first: Any) -> Any:
    """As a chain of sums, each of so many numbers as one may have."""
    while numbers > 1:
        more = min(numbers - 1, 19)
        first, numbers = {"+": [first, *[1] * more]}, numbers - more
    return first


# Of two sides one is a level: a comparison, then sums, then the value at the bottom.
DEEPEST: dict[str, Any] = {
    "sums": {">": [sum_of(MAX_CHECKED_DEPTH - 1, SCORE), 1]},
    "sums of a count": {">": [sum_of(MAX_CHECKED_DEPTH - 3, COUNT), 1]},
    "differences": {">": [nested(28, lambda one: {"-": [1, one]}, sum_of(11, SCORE)), 1]},
    "else if": {"if": [KNOWN, NEVER] * (MAX_CHECKED_DEPTH - 2) + [NEVER]},
    "numbers by conditions": {">": [{"if": [KNOWN, 1] * (MAX_CHECKED_DEPTH - 3) + [SCORE]}, 0]},
    "complements": nested(
        13, lambda one: {"!": [{"and": [KNOWN, one]}]}, {"if": [KNOWN, NEVER] * 12 + [NEVER]}
    ),
    "alternatives": nested(
        14,
        lambda one: {"and": [KNOWN, {"or": [NEVER, one]}]},
        {"if": [NEVER, KNOWN] * 10 + [KNOWN]},
    ),
}


@pytest.mark.parametrize("shape", DEEPEST)
def test_the_deepest_rule_is_followed_by_every_back_end(shape: str) -> None:
    rule = further_down(FRAMES, lambda: parse(DEEPEST[shape], CATALOGUE, event_rule=False))
    assert Extents().of(rule.root).levels == MAX_CHECKED_DEPTH

    def everywhere() -> None:
        assert rule.holds({}, NOW) in (True, False)
        tree = rule.explain({"contact": {}}, NOW)
        assert sentence(tree, "en", CATALOGUE)
        assert as_json(tree, CATALOGUE)["truth"] is tree.truth
        assert describe(rule.root, "zh", CATALOGUE)
        for reach in get_args(Reach):
            assert sql(rule, reach)
        shelf: Shelf[int] = Shelf()
        for key in range(20):
            shelf.add(key, rule.root)
        assert len(list(shelf.matching({"contact": {}}, NOW, "UTC"))) in (0, 20)
        assert verdict(rule.root)

    further_down(FRAMES, everywhere)


@pytest.mark.parametrize("levels", [3, 10, 17, 28])
def test_sums_of_sums_are_refused_before_they_exhaust_a_stack(levels: int) -> None:
    document = {">": [nested(levels, lambda one: {"+": [one, *[1] * 19]}, SCORE), 1]}
    assert refusals(document) == {"too_deep"}


@pytest.mark.parametrize("conditions", [40, 200, 400])
def test_a_long_chain_of_conditions_is_refused_before_it_exhausts_a_stack(conditions: int) -> None:
    assert refusals({"if": [True, True] * conditions + [False]}) == {"too_deep"}
    assert refusals({">": [{"if": [True, 1] * conditions + [0]}, 0]}) == {"too_deep"}


def test_deep_rules_that_name_each_other_are_refused_before_they_exhaust_a_stack() -> None:
    def wrapped(core: Any) -> Any:
        return nested(28, lambda one: {"!": [one]}, core)

    segments = {f"s{at}": wrapped({"member_of": f"s{at + 1}"}) for at in range(6)}
    segments["s6"] = wrapped(KNOWN)
    assert "too_deep" in refusals(wrapped({"member_of": "s0"}), segments)


def test_ranges_of_ranges_are_refused_before_they_double_too_often() -> None:
    document = nested(12, lambda one: {"if": [{"between": [one, SCORE, SCORE]}, 1, 2]}, SCORE)
    assert refusals({"==": [document, 1]}) == {"too_large"}


def test_a_condition_that_stands_twice_in_a_group_is_written_as_sql() -> None:
    part = parse(KNOWN, CATALOGUE, event_rule=False).root
    rule = compiled({}, ir.Or((part, ir.And((part, part)))))
    assert sql(rule, "page")
