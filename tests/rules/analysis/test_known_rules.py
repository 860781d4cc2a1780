"""Rules whose verdict a person can tell, each with the reason why it is as it is."""

from __future__ import annotations

from typing import Any

import pytest

from engine.rules import parse
from engine.rules.analysis import Kind, Verdict, check_cases, check_document, verdict
from tests.rules.adversarial import CATALOGUE

SCORE, COUNTRY = {"var": "contact.score"}, {"var": "contact.country"}
STAGE, TAGS = {"var": "contact.lifecycle_stage"}, {"var": "contact.tags"}
SEEN, BORN = {"var": "contact.last_seen_at"}, {"var": "contact.birthday"}
ORDERS, EMAIL = {"var": "orders"}, {"var": "contact.email"}


def of(document: Any) -> Verdict:
    return verdict(parse(document, CATALOGUE, event_rule=False).root)


def both(left: Any, right: Any) -> dict[str, Any]:
    return {"and": [left, right]}


IMPOSSIBLE = {
    "two ranges apart": both({">=": [SCORE, 40]}, {"<": [SCORE, 20]}),
    "two values of one field": both({"==": [COUNTRY, "SG"]}, {"==": [COUNTRY, "MY"]}),
    "a value that was ruled out": both({"in": [COUNTRY, ["SG"]]}, {"!=": [COUNTRY, "SG"]}),
    "a value and nothing": both({">": [SCORE, 1]}, {"is_empty": [SCORE]}),
    "a beginning and another text": both({"starts_with": [COUNTRY, "S"]}, {"==": [COUNTRY, "DE"]}),
    "a piece no option has": both({"contains": [COUNTRY, "S"]}, {"in": [COUNTRY, ["DE", "FR"]]}),
    "texts in another case": both({"==": [EMAIL, "ADA@B.C"]}, {"!=": [EMAIL, "ada@b.c"]}),
    "a tag in an empty set": both({"has": [TAGS, "vip"]}, {"is_empty": [TAGS]}),
    "all of the tags but one": both(
        {"has_all": [TAGS, ["vip", "press"]]}, {"has_none": [TAGS, ["press"]]}
    ),
    "recently and long ago": both(
        {"in_last": [SEEN, 3, "days"]}, {"more_than_ago": [SEEN, 5, "days"]}
    ),
    "recently and months ago": both(
        {"in_last": [SEEN, 3, "days"]}, {"more_than_ago": [SEEN, 1, "months"]}
    ),
    "this month and in half a year": both(
        {"this_month": [SEEN]}, {"more_than_ahead": [SEEN, 6, "months"]}
    ),
    "before one date and after a later one": both(
        {"before": [BORN, "1990-01-01"]}, {"after": [BORN, "1990-01-01"]}
    ),
    "done and not done": both({"done": ["Paid", ">=", 2]}, {"not_done": ["Paid"]}),
    "done lately and never": both(
        {"done": ["Paid", ">=", 1, ["in_last", 7, "days"]]}, {"not_done": ["Paid"]}
    ),
    "less than nothing": {"<": [{"count": [ORDERS]}, 0]},
    "an item that cannot be": {
        "some": [ORDERS, both({">": [{"var": "item_count"}, 3]}, {"<": [{"var": "item_count"}, 2]})]
    },
    "all of them and one that is not": both(
        {"all": [ORDERS, {"==": [{"var": "status"}, "paid"]}]},
        {"some": [ORDERS, {"==": [{"var": "status"}, "open"]}]},
    ),
    "less than itself": {"<": [SCORE, SCORE]},
    "more and less than another field": both(
        {">": [SCORE, {"var": "account.employee_count"}]},
        {"<": [SCORE, {"var": "account.employee_count"}]},
    ),
    "a choice without the value": {">": [{"if": [{"is_set": [COUNTRY]}, 1, 2]}, 3]},
}
POSSIBLE = {
    "a complement includes what is absent": {"!": [{"<": [SCORE, 40]}]},
    "ranges that touch": both({"<=": [SCORE, 40]}, {">=": [SCORE, 40]}),
    "a fraction between two whole numbers": both(
        {">": [{"var": "contact.custom.seats"}, 5]}, {"<": [{"var": "contact.custom.seats"}, 6]}
    ),
    "three months and eighty-nine days": both(
        {"in_last": [SEEN, 3, "months"]}, {"more_than_ago": [SEEN, 89, "days"]}
    ),
    "today and an hour ago": both({"today": [SEEN]}, {"more_than_ago": [SEEN, 1, "hours"]}),
    "an empty text is not set but present": both({"==": [COUNTRY, ""]}, {"is_empty": [COUNTRY]}),
    "two lists": both({"some": [ORDERS, {"==": [{"var": "status"}, "paid"]}]}, {"not_done": ["A"]}),
}
ALWAYS = {
    "set or empty": {"or": [{"is_set": [SCORE]}, {"is_empty": [SCORE]}]},
    "at least none": {">=": [{"count": [ORDERS]}, 0]},
    "two ranges and unknown": {
        "or": [{">=": [SCORE, 4]}, {"<": [SCORE, 7]}, {"is_empty": [SCORE]}]
    },
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_it_can_never_be_true(name: str) -> None:
    assert of(IMPOSSIBLE[name]) is Verdict.IMPOSSIBLE
    assert of({"!": [IMPOSSIBLE[name]]}) is Verdict.ALWAYS


@pytest.mark.parametrize("name", POSSIBLE)
def test_it_may_be_true_and_may_be_false(name: str) -> None:
    assert of(POSSIBLE[name]) is Verdict.POSSIBLE


@pytest.mark.parametrize("name", ALWAYS)
def test_it_is_always_true(name: str) -> None:
    assert of(ALWAYS[name]) is Verdict.ALWAYS


def test_the_places_of_dead_parts_are_found_inside_a_rule() -> None:
    dead = both({">=": [SCORE, 40]}, {"<": [SCORE, 20]})
    rule = {
        "dialect": 1,
        "rule": {"or": [{"is_set": [COUNTRY]}, {"!": [ALWAYS["set or empty"]]}, dead]},
    }
    findings = check_document(rule, CATALOGUE, event_rule=False)
    assert [(one.kind, one.pointer, one.others) for one in findings] == [
        (Kind.ALWAYS, "/rule/or/1/!/0", ()),
        (Kind.IMPOSSIBLE, "/rule/or/2/and/1", ("/rule/or/2/and/0",)),
    ]


def test_a_sound_rule_and_a_plain_truth_have_no_findings() -> None:
    for rule in (
        True,
        both({">": [SCORE, 1]}, {"or": [{"is_set": [COUNTRY]}, {"has": [TAGS, "a"]}]}),
    ):
        assert check_document(rule, CATALOGUE, event_rule=False) == ()


def cases(*documents: Any) -> list[tuple[Kind, str, tuple[str, ...]]]:
    rules = [parse(document, CATALOGUE, event_rule=False) for document in documents]
    report = check_cases(rules, catalogue=CATALOGUE)
    assert not report.undecided
    return [(one.kind, one.pointer, one.others) for one in report.findings]


def test_a_gap_is_shown_by_a_value_that_people_would_expect() -> None:
    rules = [{"<=": [SCORE, 39]}, {">=": [SCORE, 40]}, {"is_empty": [SCORE]}]
    assert cases(*rules) == []
    assert cases(*rules[:2]) == [(Kind.GAP, "", ())]


def test_every_value_of_a_closed_set_leaves_no_gap() -> None:
    from engine.rules.standard_facts import LIFECYCLE_STAGES

    each = [{"==": [STAGE, stage]} for stage in LIFECYCLE_STAGES]
    assert cases(*each, {"is_empty": [STAGE]}) == []
    assert cases(*each[1:], {"is_empty": [STAGE]}) == [(Kind.GAP, "", ())]


def test_a_case_that_a_wider_window_swallows_is_shadowed() -> None:
    wide = {"done": ["Paid", ">=", 1, ["in_last", 30, "days"]]}
    narrow = {"done": ["Paid", ">=", 1, ["in_last", 7, "days"]]}
    assert (Kind.SHADOWED, "/1", ("/0",)) in cases(wide, narrow)


def test_a_thousand_cases_are_weighed() -> None:
    grid = [
        both({"==": [COUNTRY, f"C{column}"]}, {"between": [SCORE, row * 10, row * 10 + 9]})
        for column in range(40)
        for row in range(25)
    ]
    rules = [parse(one, CATALOGUE, event_rule=False) for one in [*grid, grid[77]]]
    report = check_cases(rules, catalogue=CATALOGUE, limit=1_000_000)
    assert report.of(Kind.SHADOWED)[0].others == ("/77",)
    assert len(report.of(Kind.GAP)) == 1
    assert report.of(Kind.OVERLAP) == ()
