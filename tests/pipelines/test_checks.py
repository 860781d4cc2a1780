# ruff: noqa: E501 - a table is read row by row
"""What is wrong with a pipeline, and where."""

from __future__ import annotations

import pytest

from engine.definitions import DefinitionKind, World, located, read_definition
from engine.errors import Problem
from engine.people import Directory, Person
from engine.pipelines import KIND, PipelineModel

GOOD = """pipeline: p
stages:
  - {key: talk, probability: 10}
  - {key: offer, probability: 50}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
transitions:
  - {from: talk, to: offer}
  - {from: offer, to: won}
  - {from: [talk, offer], to: lost}
"""
NOBODY_KNOWN = World(
    directory=Directory({1: Person(1, "Ben", "ben@example.com", "rep")}),
    calendars={},
    names={kind: frozenset() for kind in DefinitionKind},
    flows=frozenset(),
)


def problems(text: str, world: World | None = None) -> list[Problem]:
    draft = read_definition(text, "p.yaml")
    found: list[Problem] = []
    model = KIND.model(draft.document, found)
    if model is not None and not found:
        found += KIND.check(model, world or World())
    return located(found, draft.places)


def codes(text: str, world: World | None = None) -> list[tuple[str, str]]:
    return [(one.place.removeprefix("p.yaml:"), one.code) for one in problems(text, world)]


def test_a_good_pipeline_has_no_problem() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ("to: offer}", "to: ofer}", [("8:23", "unknown_stage")]),
        ("from: talk, to: offer", "from: tlak, to: offer", [("8:12", "unknown_stage")]),
        ("from: talk, to: offer", "from: offer, to: offer", [("8:24", "to_itself")]),
        ("{key: offer, probability: 50}", "{key: talk, probability: 50}", None),
        ("  - {key: won, kind: won}\n", "", None),
        ("kind: won}", "kind: won, probability: 90}", [("5:29", "closed_probability")]),
        ("kind: won}", "kind: won, rot_after: 3d}", [("5:27", "clock_on_closed")]),
        ("  - {from: talk, to: offer}\n", "", [("4:5", "unreachable_stage"), ("5:5", "unreachable_stage")]),
        ("  - {from: [talk, offer], to: lost}\n", "  - {from: talk, to: lost}\n  - {from: won, to: offer}\n", []),
        ("probability: 10}", "probability: 110}", [("3:29", "bad_value")]),
        ("probability: 10}", "probability: 10, sla: [{after: 5x, then: [{do: notify}]}]}", [("3:47", "bad_span")]),
        ("probability: 10}", "probability: 10, sla: [{after: 900d, then: [{do: notify}]}]}", [("3:47", "bad_span")]),
        ("probability: 10}", "probability: 10, on_enter: [{do: shout}]}", [("3:49", "bad_choice")]),
        ("probability: 10}", "probability: 10, on_enter: [{to: owner}]}", [("3:44", "missing_key")]),
        ("probability: 10}", "probability: 10, on_enter: [{do: notify, too: x}]}", [("3:57", "unknown_key")]),
        ("probability: 10}", "probability: 10, on_enter: [{do: notify, title: '{{ deal.nme }}'}]}", [("3:64", "bad_template")]),
        ("probability: 10}", "probability: 10, on_enter: [{do: update_deal, set: {stage: won}}]}", [("3:75", "unknown_field")]),
        ("to: offer}", "to: offer, who: boss}", [("8:36", "unknown_person")]),
        ("to: offer}", "to: offer, needs: amout}", [("8:32", "unknown_field")]),
        ("to: offer}", "to: offer, needs: [amount, contact.phone, account.domain]}", []),
        ("to: offer}", "to: offer, when: {'==': [{var: deal.stge}, x]}}", None),
        ("to: offer}", "to: offer, when: {and: [{'==': [{var: deal.name}, a]}, {'==': [{var: deal.name}, b]}]}}", [("8:30", "never_true")]),
        ("to: offer}", "to: offer, automatic: {}}", [("8:36", "automatic_without_cause")]),
        ("to: offer}", "to: offer, approval: c, automatic: {after: 1d}}", [("8:49", "automatic_approval")]),
        ("to: lost}", "to: lost}\nmoved: {talk: offer, old: nowhere}", None),
    ],
)  # fmt: skip
def test_each_mistake_is_refused_at_its_place(
    was: str, becomes: str, expected: list[tuple[str, str]] | None
) -> None:
    assert was in GOOD
    found = codes(GOOD.replace(was, becomes, 1))
    if expected is None:
        assert found
    else:
        assert [code for _, code in found] == [code for _, code in expected]
        assert [place.split(":")[0] for place, _ in found] == [
            place.split(":")[0] for place, _ in expected
        ]


def test_moves_by_themselves_that_never_wait_are_refused() -> None:
    rule = "automatic: {when: {is_set: {var: deal.amount}}}"
    round_about = (
        GOOD + f"  - {{from: talk, to: offer, {rule}}}\n  - {{from: offer, to: talk, {rule}}}\n"
    )
    assert [code for _, code in codes(round_about)] == ["endless_moves", "endless_moves"]
    waiting = round_about.replace(
        "to: talk, automatic: {when", "to: talk, automatic: {after: 1d, when"
    )
    assert codes(waiting) == []


def test_a_stage_from_which_nothing_closes_is_refused() -> None:
    trap = GOOD.replace("[talk, offer], to: lost", "talk, to: lost").replace(
        "{from: offer, to: won}", "{from: talk, to: won}"
    )
    assert codes(trap) == [("4:5", "no_way_out")]


def test_a_way_that_excludes_what_its_stage_asks_is_refused() -> None:
    text = GOOD.replace(
        "{key: offer, probability: 50}",
        "{key: offer, probability: 50, when: {'==': [{var: deal.forecast_category}, commit]}}",
    ).replace("to: offer}", "to: offer, when: {'==': [{var: deal.forecast_category}, omitted]}}", 1)
    assert [one.message for one in problems(text)] == [
        'excludes what "offer" asks for, so the move is never allowed.'
    ]


def test_what_it_names_must_be_there() -> None:
    text = (
        GOOD.replace("stages:", "calendar: moon\nstages:")
        .replace(
            "probability: 10}",
            "probability: 10, on_enter: [{do: start_flow, flow: nurture},"
            " {do: escalate, policy: stuck}, {do: assign, rules: routing},"
            " {do: notify, to: [team:North, eve@example.com]}]}",
        )
        .replace("to: offer}", "to: offer, approval: discount, who: ben@example.com}", 1)
    )
    assert codes(text) == []
    assert [code for _, code in codes(text, NOBODY_KNOWN)] == [
        "unknown_calendar",
        "unknown_flow",
        "unknown_escalation_policy",
        "unknown_assignment",
        "unknown_team",
        "unknown_person",
        "unknown_approval_chain",
    ]


def test_falling_probabilities_are_doubted_and_not_refused() -> None:
    text = GOOD.replace("probability: 50", "probability: 5")
    draft = read_definition(text, "p.yaml")
    model = KIND.model(draft.document, [])
    assert isinstance(model, PipelineModel)
    assert KIND.check(model, World()) == []
    assert [(one.place, one.code) for one in KIND.warnings(model, World())] == [
        ("/stages/1/probability", "probability_falls")
    ]
