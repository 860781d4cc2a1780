from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules import Catalogue
from engine.rules.scoring import (
    Code,
    Crossing,
    ModelRefused,
    check_model,
    compile_model,
    crossings,
    from_document,
)
from engine.rules.scoring.fading import whole_points

CATALOGUE = Catalogue.standard()
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
MODEL: dict[str, Any] = {
    "score": "lead_score",
    "label": "Lead score",
    "floor": 0,
    "cap": 100,
    "bands": [
        {"name": "cold", "from": 0},
        {"name": "warm", "from": 30},
        {"name": "hot", "from": 60},
    ],
    "rules": [
        {
            "key": "head",
            "points": 15,
            "when": {"starts_with": [{"var": "contact.job_title"}, "Head"]},
        },
        {"key": "pricing", "points": 10, "event": "Visited Pricing", "cap": 25},
        {"key": "opened", "points": 8, "event": "Message Opened", "decay": {"half_life": 10}},
        {
            "key": "seen",
            "points": 20,
            "when": {"is_set": [{"var": "contact.last_seen_at"}]},
            "decay": {"linear": 20, "since": "contact.last_seen_at"},
        },
        {
            "key": "churned",
            "points": -50,
            "when": {"==": [{"var": "contact.lifecycle_stage"}, "churned"]},
        },
    ],
}


def only(*keys: str, **changed: Any) -> dict[str, Any]:
    rules = [rule for rule in MODEL["rules"] if rule["key"] in keys]
    return {**MODEL, "rules": rules, **changed}


def score(document: dict[str, Any], facts: dict[str, Any], now: datetime = NOW) -> Any:
    return compile_model(from_document(document), CATALOGUE).score(facts, now)


def events(*names_and_days: tuple[str, float]) -> list[dict[str, Any]]:
    return [
        {"name": name, "occurred_at": NOW - timedelta(days=days), "properties": {}}
        for name, days in names_and_days
    ]


def test_points_of_rules_add_up_and_every_part_is_shown() -> None:
    facts = {"contact": {"job_title": "Head of Sales"}, "events": events(("Visited Pricing", 400))}
    given = score(MODEL, facts)
    assert (given.total, given.band) == (25, "cold")
    assert [(part.key, part.points, part.count) for part in given.parts] == [
        ("head", 15, None),
        ("pricing", 10, 1),
        ("opened", 0, 0),
        ("seen", 0, None),
        ("churned", 0, None),
    ]


def test_events_of_one_rule_count_up_to_its_cap() -> None:
    facts = {"events": events(*[("Visited Pricing", 1)] * 9)}
    assert score(only("pricing"), facts).total == 25


@pytest.mark.parametrize(("days", "points"), [(0, 8), (10, 4), (20, 2), (30, 1), (40, 0), (250, 0)])
def test_a_half_life_halves_the_points(days: int, points: int) -> None:
    given = score(only("opened"), {"events": events(("Message Opened", days))})
    assert given.total == points
    assert given.fading is (days < 200)


@pytest.mark.parametrize(
    ("days", "points"), [(-1, 20), (0, 20), (5, 15), (19, 1), (20, 0), (99, 0)]
)
def test_linear_fading_ends_after_its_days(days: int, points: int) -> None:
    facts = {"contact": {"last_seen_at": NOW - timedelta(days=days)}}
    assert score(only("seen"), facts).total == points


def test_a_date_fades_by_the_calendar_of_the_zone() -> None:
    rule = {
        "key": "born",
        "points": 10,
        "when": True,
        "decay": {"linear": 10, "since": "contact.birthday"},
    }
    model = compile_model(from_document({**MODEL, "rules": [rule]}), CATALOGUE)
    facts = {"contact": {"birthday": date(2026, 3, 15)}}
    late = datetime(2026, 3, 15, 23, tzinfo=UTC)
    assert model.score(facts, late, "UTC").total == 10
    assert model.score(facts, late, "Asia/Tokyo").total == 9


def test_the_total_stays_between_floor_and_cap() -> None:
    facts = {"contact": {"lifecycle_stage": "churned"}}
    assert score(only("churned"), facts).total == 0
    assert score(only("churned", floor=None), facts).total == -50
    assert (
        score(only("pricing", cap=12), {"events": events(*[("Visited Pricing", 1)] * 9)}).total
        == 12
    )


def test_halves_are_rounded_to_even() -> None:
    assert [whole_points(at * 500_000) for at in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


@given(st.lists(st.floats(0, 190), min_size=1, max_size=12), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_a_score_is_the_same_in_any_order_of_events(days: list[float], seed: int) -> None:
    told = events(*[("Message Opened", one) for one in days])
    mixed = list(told)
    random.Random(seed).shuffle(mixed)
    assert score(only("opened"), {"events": told}) == score(only("opened"), {"events": mixed})


def test_a_score_of_points_that_fade_never_rises_while_nothing_happens() -> None:
    facts = {"contact": {"last_seen_at": NOW}, "events": events(("Message Opened", 3))}
    model = compile_model(from_document(only("opened", "seen")), CATALOGUE)
    totals = [model.score(facts, NOW + timedelta(days=at)).total for at in range(60)]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] == 0


def test_events_are_narrowed_by_a_condition_and_a_window() -> None:
    rule = {
        "key": "big",
        "points": 5,
        "event": "Order Completed",
        "where": {">": [{"var": "properties.total"}, 100]},
        "within_days": 30,
    }
    told = events(("Order Completed", 1), ("Order Completed", 2), ("Order Completed", 40))
    for event, total in zip(told, (500, 50, 500), strict=True):
        event["properties"] = {"total": total}
    model = compile_model(from_document({**MODEL, "rules": [rule]}), CATALOGUE)
    assert model.score({"events": told}, NOW).total == 5
    (need,) = model.reads.events
    assert need.name == "Order Completed"
    assert need.since is not None
    assert not model.reads_clock


def test_a_rule_with_a_window_reads_the_clock() -> None:
    rule = {
        "key": "new",
        "points": 5,
        "when": {"in_last": [{"var": "contact.created_at"}, 7, "days"]},
    }
    assert compile_model(from_document({**MODEL, "rules": [rule]}), CATALOGUE).reads_clock


def test_borders_of_bands_are_told_both_ways() -> None:
    model = from_document(MODEL)

    def passed(before: int | None, after: int) -> list[tuple[str, str]]:
        return [(one.band, one.direction) for one in crossings(model, before, after)]

    assert passed(None, 0) == []
    assert passed(None, 70) == [("warm", "up"), ("hot", "up")]
    assert passed(29, 30) == [("warm", "up")]
    assert passed(70, 10) == [("hot", "down"), ("warm", "down")]
    assert passed(60, 60) == []
    assert crossings(model, 20, 31)[0] == Crossing("lead_score", "warm", 30, "up", 20, 31)
    assert crossings(model, 20, 31)[0].properties()["direction"] == "up"


def test_a_model_survives_its_stored_form() -> None:
    model = from_document(MODEL)
    assert from_document(model.document()) == model


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"score": "Lead Score"}, "/score"),
    ({"rules": []}, "/rules"),
    ({"cap": 0}, "/cap"),
    ({"bonus": 1}, "/bonus"),
    ({"bands": [{"name": "a", "from": 5}, {"name": "b", "from": 5}]}, "/bands/1/from"),
]
WRONG_RULES: list[tuple[dict[str, Any], str]] = [
    ({"points": "ten", "when": True}, "/rules/0/points"),
    ({"points": 1}, "/rules/0"),
    ({"points": 1, "when": True, "event": "A"}, "/rules/0"),
    ({"points": 1, "when": True, "cap": 5}, "/rules/0/cap"),
    ({"points": 1, "when": True, "decay": {"linear": 5}}, "/rules/0/decay/since"),
    ({"points": 1, "event": "A", "decay": {"linear": 0}}, "/rules/0/decay/linear"),
    ({"points": 1, "event": "A", "decay": {"slow": 3}}, "/rules/0/decay/slow"),
    ({"points": 1, "when": {"==": [{"var": "contact.nope"}, 1]}}, "/rules/0/when/==/0/var"),
    (
        {"points": 1, "event": "A", "where": {"==": [{"var": "nope"}, 1]}},
        "/rules/0/where/==/0/var",
    ),
    (
        {"points": 1, "when": True, "decay": {"linear": 5, "since": "contact.city"}},
        "/rules/0/decay/since",
    ),
]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [*WRONG, *[({"rules": [{"key": "k", **rule}]}, place) for rule, place in WRONG_RULES]],
)
def test_mistakes_are_told_by_place(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        compile_model(from_document({**MODEL, **change}), CATALOGUE)
    assert pointer in [problem.pointer for problem in refused.value.problems]


def test_a_rule_that_can_never_give_points_is_a_warning() -> None:
    city = {"var": "contact.city"}
    dead = {"key": "dead", "points": 5, "when": {"and": [{"is_set": [city]}, {"is_empty": [city]}]}}
    (problem,) = check_model(compile_model(from_document({**MODEL, "rules": [dead]}), CATALOGUE))
    assert (problem.code, problem.pointer, problem.warning) == (Code.NEVER_TRUE, "/rules/0", True)
