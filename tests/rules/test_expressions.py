"""Values worked out from facts: checked when saved, and bounded in time and size."""

from __future__ import annotations

import random
import resource
import time
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.rules import Facts, RuleRefused
from engine.rules.expressions import CannotCompute, Trouble, compile_expression
from tests.rules.adversarial import CATALOGUE, NOW

SCORE = {"var": "contact.score"}
ADA: Facts = {
    "contact": {
        "score": 40,
        "first_name": "Ada",
        "city": None,
        "birthday": date(1990, 2, 28),
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "tags": ["vip", "press"],
        "custom": {"seats": 2.5, "plan": "gold", "budget": {"minor": 500, "currency": "EUR"}},
    },
    "account": None,
    "orders": [
        {"item_count": 2, "status": "paid", "total": {"minor": 1_000, "currency": "EUR"}},
        {"item_count": 3, "status": "open", "total": {"minor": 250, "currency": "EUR"}},
        {"item_count": None, "status": "paid", "total": {"minor": 5, "currency": "EUR"}},
    ],
}


def value(document: Any, facts: Facts = ADA) -> Any:
    return compile_expression(document, CATALOGUE).value(facts, NOW, "UTC")


def trouble(document: Any, facts: Facts = ADA) -> Trouble:
    with pytest.raises(CannotCompute) as caught:
        value(document, facts)
    return caught.value.trouble


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"+": [SCORE, 5]}, 45),
        ({"*": [SCORE, 1.5]}, 60),
        ({"/": [SCORE, 16]}, 2.5),
        ({"max": [0, {"-": [SCORE, 100]}]}, 0),
        ({"if": [{">": [SCORE, 30]}, "hot", "cold"]}, "hot"),
        ({"cat": [{"var": "contact.first_name"}, " ", {"upper": "lovelace"}]}, "Ada LOVELACE"),
        ({"??": [{"var": "contact.city"}, {"var": "account.city"}, "nowhere"]}, "nowhere"),
        ({"var": ["contact.city", "nowhere"]}, None),
        ({"var": "contact.birthday"}, "1990-02-28"),
        ({"var": "contact.created_at"}, "2026-01-02T03:04:05Z"),
        ({"var": "contact.custom.budget"}, {"minor": 500, "currency": "EUR"}),
        ({"in": ["vip", {"var": "contact.tags"}]}, True),
        ({"length": {"var": "orders"}}, 3),
        ({"map": [{"var": "orders"}, {"var": "total.minor"}]}, [1_000, 250, 5]),
        (
            {
                "reduce": [
                    {"filter": [{"var": "orders"}, {"==": [{"var": "status"}, "paid"]}]},
                    {"+": [{"var": "current.total.minor"}, {"var": "accumulator"}]},
                    0,
                ]
            },
            1_005,
        ),
        (
            {
                "some": [
                    {"map": [{"var": "orders"}, {"var": "item_count"}]},
                    {">": [{"var": ""}, 2]},
                ]
            },
            True,
        ),
        (7, 7),
        # a text is a text, whatever it looks like
        ('{"var": "contact.first_name"}', '{"var": "contact.first_name"}'),
    ],
)
def test_a_value_is_worked_out_from_facts(document: Any, expected: Any) -> None:
    assert value(document) == expected


def test_whole_results_are_whole_numbers() -> None:
    found = value({"*": [SCORE, 0.5]})
    assert found == 20
    assert isinstance(found, int)


def test_what_is_read_is_known_before() -> None:
    document = {"+": [SCORE, {"reduce": [{"var": "orders"}, {"var": "current.total.minor"}, 0]}]}
    reads = compile_expression(document, CATALOGUE).reads
    assert reads.lists == {"orders"}
    assert reads.fields == {("contact", "score"), ("orders", "total", "minor")}
    money = compile_expression({"var": "contact.custom.budget"}, CATALOGUE).reads
    assert ("contact", "custom", "budget", "currency") in money.fields


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ({"+": [{"var": "contact.scroe"}, 1]}, [("/+/0/var", "unknown_field")]),
        ({"var": "contact"}, [("/var", "unknown_field")]),
        ({"var": ""}, [("/var", "unknown_field")]),
        ({"var": "deal.amount"}, [("/var", "field_out_of_reach")]),
        ({"var": "event.properties.plan"}, [("/var", "field_out_of_reach")]),
        ({"length": {"var": "events"}}, [("/length/var", "field_out_of_reach")]),
        ({"var": {"cat": ["contact.", "score"]}}, [("/var", "needs_literal")]),
        ({"var": ["contact.score", SCORE]}, [("/var/1", "needs_literal")]),
        ({"map": [{"var": "orders"}, SCORE]}, [("/map/1/var", "unknown_field")]),
        ({"map": [{"var": "orders"}, {"var": ""}]}, [("/map/1/var", "unknown_field")]),
        (
            {"reduce": [{"var": "orders"}, {"var": "total"}, 0]},
            [("/reduce/1/var", "unknown_field")],
        ),
        ({"now": []}, [("/now", "unknown_operator")]),
        ({"tensor": [[1]]}, [("/tensor", "unknown_operator")]),
        ({"try": [1, 2]}, [("/try", "unknown_operator")]),
        ({"val": ["contact", "score"]}, [("/val", "unknown_operator")]),
        ({"/": [1]}, [("//", "wrong_argument_count")]),
        ({"+": [1], "-": [1]}, [("", "not_a_rule")]),
        ({}, [("", "not_a_rule")]),
        ({"+": [2**60, float("nan")]}, [("/+/0", "bad_number"), ("/+/1", "bad_number")]),
        ({"cat": ["a\0", object()]}, [("/cat/0", "bad_text"), ("/cat/1", "not_a_rule")]),
        (
            {"+": [{"var": "contact.nope"}, {"zap": 1}, {"abs": [1, 2]}]},
            [
                ("/+/0/var", "unknown_field"),
                ("/+/1/zap", "unknown_operator"),
                ("/+/2/abs", "wrong_argument_count"),
            ],
        ),
    ],
)
def test_all_mistakes_are_found_at_once_with_their_places(
    document: Any, problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(RuleRefused) as caught:
        compile_expression(document, CATALOGUE)
    found = [(one.pointer.replace("~1", "/"), one.code) for one in caught.value.problems]
    assert found == problems


def test_facts_that_give_no_value_are_told_apart_from_absent_ones() -> None:
    assert trouble({"+": [{"var": "contact.first_name"}, 1]}) is Trouble.NO_RESULT
    assert trouble({"/": [SCORE, {"-": [SCORE, 40]}]}) is Trouble.NO_RESULT
    assert value({"+": [{"var": "account.employee_count"}, 1]}) == 1


MANY = {**ADA, "orders": [{"item_count": number, "status": "paid"} for number in range(2_000)]}
ORDERS = {"var": "orders"}
TWICE = [{"var": "accumulator"}, {"var": "accumulator"}]
COUNTS = {"map": [ORDERS, {"var": "item_count"}]}


@pytest.mark.parametrize(
    "document",
    [
        {"reduce": [ORDERS, {"cat": TWICE}, "xxxxxxxxxx"]},
        {"reduce": [ORDERS, {"merge": TWICE}, [1]]},
        {"map": [COUNTS, {"reduce": [[1] * 900, {"+": [{"var": "current"}, 1]}, 0]}]},
        {"reduce": [ORDERS, {"map": [{"merge": TWICE}, {"cat": [{"var": ""}, "x"]}]}, ["x"]]},
        {"reduce": [ORDERS, {"cat": [{"var": "accumulator"}, "x" * 1_000]}, ""]},
        {"in": ["y", {"reduce": [ORDERS, {"cat": TWICE}, "x" * 5_000]}]},
        {"map": [ORDERS, {"cat": ["x" * 9_000, {"var": "status"}]}]},
    ],
)
def test_an_expression_that_grows_is_stopped(document: Any) -> None:
    expression = compile_expression(document, CATALOGUE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with pytest.raises(CannotCompute) as caught:
        expression.value(MANY, NOW)
    assert caught.value.trouble in (Trouble.TOO_MUCH_WORK, Trouble.TOO_LARGE)
    # some milliseconds on a quiet machine
    assert time.process_time() - start < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


def test_lists_and_results_have_a_greatest_size() -> None:
    crowd = {**ADA, "orders": MANY["orders"] * 2}
    assert trouble({"length": ORDERS}, crowd) is Trouble.TOO_MANY_ITEMS
    assert trouble({"cat": ["x" * 9_000, "y" * 9_000]}) is Trouble.TOO_LARGE


@pytest.mark.parametrize("operator", ["!", "+", "cat", "merge", "abs"])
def test_deep_and_wide_documents_are_refused_before_anything_runs(operator: str) -> None:
    deep: Any = 1
    for _ in range(50_000):
        deep = {operator: [deep]}
    wide = {operator: [{operator: [1]} for _ in range(900)]}
    for document in (deep, wide, [1] * 5_000):
        with pytest.raises(RuleRefused):
            compile_expression(document, CATALOGUE)


def test_random_documents_are_refused_or_worked_out_in_time() -> None:
    chance = random.Random(3)
    names = [
        "+",
        "*",
        "cat",
        "map",
        "reduce",
        "filter",
        "if",
        "var",
        "merge",
        "in",
        "substr",
        "zap",
    ]
    leaves: list[Any] = [1, 0, -1.5, "a", None, True, [], {}, "contact.score", "orders", 2**70, ""]

    def document(depth: int) -> Any:
        if depth == 0 or chance.random() < 0.2:
            return chance.choice([*leaves, SCORE, ORDERS, {"var": "accumulator"}])
        arguments = [document(depth - 1) for _ in range(chance.randrange(4))]
        return {chance.choice(names): arguments}

    worked_out = 0
    for _ in range(3_000):
        start = time.process_time()
        try:
            expression = compile_expression(document(4), CATALOGUE)
            expression.value(ADA, NOW)
            worked_out += 1
        except (RuleRefused, CannotCompute):
            pass
        assert time.process_time() - start < 0.25
    assert worked_out > 50
