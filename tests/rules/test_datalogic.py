"""Where nothing is absent, dialect 1 means what JSONLogic means: two other engines give the same
answers.
"""

from __future__ import annotations

import os
import random
from typing import Any

from datalogic_py import Engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonlogic.core import JSONLogicExpression
from jsonlogic.evaluation import evaluate
from jsonlogic.evaluation.evaluation_settings import EvaluationSettingsDict
from jsonlogic.operators import operator_registry
from jsonlogic.resolving import DotReferenceParser

from engine.rules import parse
from engine.rules.importing import import_rule
from tests.rules.adversarial import CATALOGUE, NOW
from tests.rules.random_rules import op, pick

RECORDS = 60
# Pairs of a rule and a record that both engines judge. A push tries a part, PAIRS=100000 the whole.
PAIRS = int(os.environ.get("PAIRS", "9000"))
TEXT_FIELDS = ["contact.country", "contact.city", "contact.job_title"]
NUMBER_FIELDS = ["contact.score", "contact.owner_id", "account.employee_count"]
# datalogic compares texts that look like instants as instants; none here does.
TEXTS = ["a", "A", "b", "ab", "%", "é", "e\u0301", "ß", "𝄞", "\uffee", "Ada", "10", "9"]
NUMBERS = [0, 1, -1, 2, 3, 10, 0.5, 2.25, -7.5, 100]

text_field = st.sampled_from(TEXT_FIELDS).map(lambda path: {"var": path})
number_field = st.sampled_from(NUMBER_FIELDS).map(lambda path: {"var": path})
text = st.sampled_from(TEXTS)
number = st.sampled_from(NUMBERS)
sign = st.sampled_from(["==", "!=", "===", "!==", "<", "<=", ">", ">="])
common_sign = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def signed(signs: st.SearchStrategy[str], left: Any, right: Any) -> st.SearchStrategy[Any]:
    return st.tuples(signs, left, right).map(lambda given: {given[0]: [given[1], given[2]]})


def sums(signs: list[str]) -> st.SearchStrategy[Any]:
    quotient = op("/", number_field, st.sampled_from([2, 0.5, -4]))
    return pick(number_field, quotient, *(op(name, number_field, number) for name in signs))


def conditions(depth: int) -> st.SearchStrategy[Any]:
    leaf = pick(
        signed(sign, text_field, text),
        signed(sign, sums(["+", "-", "*"]), pick(number_field, number)),
        op("in", text_field, st.lists(text, min_size=1, max_size=4)),
        op("in", text, text_field),
        op("<=", number, number_field, number),
        op("<", number, number_field, number),
        item_conditions(),
    )
    if depth == 0:
        return leaf
    inner = conditions(depth - 1)
    several = st.lists(inner, min_size=1, max_size=3)
    return pick(
        leaf,
        several.map(lambda parts: {"and": parts}),
        several.map(lambda parts: {"or": parts}),
        op("!", inner),
        op("!!", inner),
        op("if", inner, inner, inner),
    )


def item_conditions() -> st.SearchStrategy[Any]:
    items = st.just({"var": "orders"})
    count = signed(common_sign, st.just({"var": "item_count"}), number)
    return st.tuples(st.sampled_from(["some", "none", "all"]), items, count).map(
        lambda given: {given[0]: [given[1], given[2]]}
    )


# Words of both languages that plain JSONLogic lacks, so they are never imported.
affixes = pick(op("starts_with", text_field, text), op("ends_with", text_field, text))


def everybody() -> list[dict[str, Any]]:
    choose = random.Random(3)
    return [
        {
            "contact": {
                **{path.split(".")[1]: choose.choice(TEXTS) for path in TEXT_FIELDS},
                "score": choose.choice(NUMBERS),
                "owner_id": choose.choice(NUMBERS),
            },
            "account": {"employee_count": choose.choice(NUMBERS)},
            # `all` of nothing is false in both, `none` true
            "orders": [{"item_count": choose.choice(NUMBERS)} for _ in range(choose.randrange(4))],
        }
        for _ in range(RECORDS)
    ]


PEOPLE = everybody()
ENGINE = Engine()


def test_without_absent_values_datalogic_agrees() -> None:
    judged = 0

    @given(pick(conditions(3), conditions(3), op("or", affixes, conditions(1))))
    @settings(
        max_examples=PAIRS // RECORDS + 1,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    def judge(document: Any) -> None:
        nonlocal judged
        ours = parse(document, CATALOGUE, event_rule=False).at(NOW)
        theirs = ENGINE.compile(document)
        for facts in PEOPLE:
            assert ours(facts) is ENGINE.truthy(theirs.evaluate(facts))
        judged += len(PEOPLE)

    judge()
    print(f"{judged:,} pairs judged alike")  # noqa: T201 - shown with pytest -rP


def shared(depth: int) -> st.SearchStrategy[Any]:
    """Conditions of the operators that python-jsonlogic has; it knows no and, or, ! and in."""
    left = sums(["+", "-", "*"])
    leaf = signed(common_sign, left, pick(number_field, number))
    if depth == 0:
        return leaf
    inner = shared(depth - 1)
    return pick(leaf, op("if", inner, inner, inner))


@given(shared(2))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_without_absent_values_python_jsonlogic_agrees(document: Any) -> None:
    ours = parse(document, CATALOGUE, event_rule=False).at(NOW)
    theirs = JSONLogicExpression.from_json(document).as_operator_tree(operator_registry)
    dotted: EvaluationSettingsDict = {"reference_parser": DotReferenceParser()}
    for facts in PEOPLE:
        assert ours(facts) is bool(evaluate(theirs, facts, None, dotted))


@given(conditions(2))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_imported_rule_still_means_what_it_meant(document: Any) -> None:
    stored = import_rule(document, "jsonlogic", CATALOGUE)
    ours = parse(stored, CATALOGUE, event_rule=False).at(NOW)
    theirs = ENGINE.compile(document)
    for facts in PEOPLE:
        assert ours(facts) is ENGINE.truthy(theirs.evaluate(facts))
