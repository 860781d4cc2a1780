"""Assignment files: what they may say, and which mistakes are told where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.assignment import KIND, Assignment, Desk, Round, Why, overlaps, routes_of
from engine.definitions import World, read_definition
from engine.errors import Problem
from engine.people import Absence, Directory, Person, Team
from engine.rules import Catalogue

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
COMPANY = Directory(
    {
        1: Person(1, "Ben", "ben@example.com", "rep", "Sales", territories=frozenset({"sg"})),
        2: Person(2, "Cleo", "cleo@example.com", "rep", "Sales", skills=frozenset({"german"})),
        3: Person(3, "Gone", "gone@example.com", "rep", "Old", active=False),
    },
    {"Sales": Team("Sales", 2, None, (1, 2)), "Old": Team("Old", None, None, (3,))},
)


def written(text: str) -> tuple[Assignment | None, list[Problem]]:
    draft = read_definition("assignment: leads\n" + text, "leads.yaml")
    problems: list[Problem] = []
    model = KIND.model(draft.document, problems)
    return model, problems


def found(text: str) -> set[tuple[str, str]]:
    model, problems = written(text)
    if model is not None:
        problems += KIND.check(model, World(directory=COMPANY))
    return {(one.place, one.code) for one in problems}


BIG = '{">=": [{var: account.employee_count}, 500]}'
SALES = "to: {team: Sales}"
BIGGER = '{">=": [{var: account.employee_count}, 900]}'


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("otherwise: {tell: head}", "", "missing_key"),
        ("rules: []", "/rules", "missing_key"),
        ("rules: [{to: {team: Sales}}]\ntable: t", "/table", "several_ways"),
        ("rules: [{to: {}}]", "/rules/0/to", "missing_key"),
        ("rules: [{when: true}]", "/rules/0", "missing_key"),
        ("rules: [{to: {team: Sales}, by: luck}]", "/rules/0/by", "bad_choice"),
        ("rules: [{to: {team: Sales}, hurry: 1}]", "/rules/0/hurry", "unknown_key"),
        (
            "rules: [{to: {team: Sales}, capacity_per_day: 0}]",
            "/rules/0/capacity_per_day",
            "bad_number",
        ),
        (
            "rules: [{to: {team: Sales}, weights: {ben@example.com: 2}}]",
            "/rules/0/weights",
            "no_effect",
        ),
        (
            "rules: [{to: {team: Sales}, by: weighted, weights: {ben@example.com: 0}}]",
            "/rules/0/weights/ben@example.com",
            "bad_weight",
        ),
        ("rules: [{to: {users: [ben]}}]", "/rules/0/to/users/0", "unknown_person"),
        ("rules: [{to: {users: [eve@example.com]}}]", "/rules/0/to/users/0", "unknown_person"),
        ("rules: [{to: {users: [gone@example.com]}}]", "/rules/0/to/users/0", "unknown_person"),
        ("rules: [{to: {role: chef}}]", "/rules/0/to/role", "unknown_role"),
        ("rules: [{to: {role: admin}}]", "/rules/0/to", "nobody_fits"),
        ("rules: [{to: {team: Sails}}]", "/rules/0/to/team", "unknown_team"),
        ("rules: [{to: {team: Old}}]", "/rules/0/to/team", "empty_team"),
        ("rules: [{to: {territory: atlantis}}]", "/rules/0/to/territory", "unknown_territory"),
        ("rules: [{to: {skill: latin}}]", "/rules/0/to/skill", "unknown_skill"),
        ("rules: [{to: {territory: sg, skill: german}}]", "/rules/0/to", "nobody_fits"),
        (
            "rules: [{to: {territory: {fact: contact.planet}}}]",
            "/rules/0/to/territory/fact",
            "unknown_field",
        ),
        (
            "rules: [{to: {territory: {fact: contact.score}}}]",
            "/rules/0/to/territory/fact",
            "wrong_type",
        ),
        (
            "rules: [{when: {var: nothing}, to: {team: Sales}}]",
            "/rules/0/when/var",
            "unknown_field",
        ),
        (f"rules: [{{when: {BIG}, to: {{team: Sales}}}}]", "", "nothing_at_the_end"),
        (
            f"rules:\n- {{when: {BIG}, {SALES}}}\n- {{when: {BIGGER}, {SALES}}}\n- {{{SALES}}}",
            "/rules/1/when",
            "never_reached",
        ),
        ("rules: [{to: {team: Sales}}, {to: {team: Sales}}]", "/rules/1", "never_reached"),
        (f"rules: [{{name: a, {SALES}}}, {{name: a, {SALES}}}]", "/rules/1/name", "duplicate_name"),
        (
            "rules: [{to: {team: Sales}}]\notherwise: {tell: [role:chef]}",
            "/otherwise/tell/0",
            "unknown_person",
        ),
        (
            "rules: [{to: {team: Sales}}]\notherwise: {tell: ['team:X']}",
            "/otherwise/tell/0",
            "unknown_team",
        ),
        ("table: t\notherwise: {tell: head}\nof: planet", "/of", "bad_choice"),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, place: str, code: str) -> None:
    assert (place, code) in found(text)


def test_a_rule_that_hands_on_hides_nothing() -> None:
    text = f"""
rules:
  - {{when: {BIG}, to: {{team: Sales}}, if_nobody: next}}
  - {{when: {BIGGER}, to: {{users: ben@example.com}}}}
  - {{to: {{team: Sales, territory: {{fact: contact.country}}}}, keep_owner: true}}
"""
    assert found(text) == set()


def test_rules_that_cross_are_shown_with_an_example() -> None:
    model, _ = written(
        "rules: [{when: {'==': [{var: contact.country}, SG]}, to: {team: Sales}},"
        f" {{when: {BIG}, to: {{team: Sales}}}}, {{to: {{team: Sales}}}}]"
    )
    assert model is not None
    (crossing,) = overlaps(model, World())
    assert (crossing.pointer, crossing.others) == ("/1", ("/0",))
    assert crossing.example is not None


def desk(text: str, people: Directory = COMPANY) -> Desk:
    model, problems = written(text)
    assert model is not None, problems
    return Desk(routes_of(model, Catalogue.standard()), people, "Asia/Singapore")


def facts(country: str | None) -> dict[str, dict[str, str | None]]:
    return {"contact": {"country": country}}


BY_COUNTRY = """
rules:
  - {name: near, to: {team: Sales, territory: {fact: contact.country}}, capacity_per_day: 1}
"""


def test_a_record_goes_to_whoever_covers_its_territory_and_waits_once_their_day_is_full() -> None:
    at = desk(BY_COUNTRY)
    assert at.decide(facts("SG"), None, NOW).user_id == 1
    waiting = at.decide(facts("SG"), None, NOW)
    assert waiting.user_id is None
    assert [one.why for one in waiting.tried[0].passed] == [Why.FULL, Why.TERRITORY]
    # midnight in Singapore is further away than the hour after which everything is looked at again
    assert waiting.look_again == NOW + timedelta(hours=1)
    late = datetime(2026, 3, 2, 15, 40, tzinfo=UTC)
    assert at.decide(facts("SG"), None, late).look_again == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_it_is_looked_at_again_when_somebody_is_back() -> None:
    back = NOW + timedelta(minutes=20)
    away = {one: (Absence(one, NOW - timedelta(days=1), back),) for one in (1, 2)}
    people = Directory(COMPANY.people, COMPANY.teams, away)
    assert desk("rules: [{to: {team: Sales}}]", people).decide({}, None, NOW).look_again == back


def test_an_owner_who_still_works_here_is_kept_and_another_is_not() -> None:
    at = desk("rules: [{to: {team: Sales}, keep_owner: true}]")
    kept = at.decide({}, 2, NOW)
    assert (kept.user_id, kept.kept) == (2, True)
    assert not at.decide({}, 3, NOW).kept
    assert at.rounds == {"rule_1": Round(1)}


def test_what_a_rule_cannot_give_goes_to_the_next_or_waits() -> None:
    text = """
rules:
  - {name: latin, to: {users: gone@example.com}, if_nobody: next}
  - {name: rest, to: {team: Sales}}
"""
    decided = desk(text).decide({}, None, NOW)
    assert [one.place for one in decided.tried] == ["latin", "rest"]
    assert decided.user_id == 1
    assert desk(text.replace(", if_nobody: next", "")).decide({}, None, NOW).user_id is None
