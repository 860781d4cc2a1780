from __future__ import annotations

from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.rules import Catalogue, CustomField, Label, Type
from engine.simulate.changing import change
from engine.steps import UpdateRecord
from engine.steps.moves import Hold, Leave, SetFields, SetOwnFields
from tests.steps.standing import CATALOGUE, standing

PLAN = CustomField("contact", "plan", Type.TEXT, Label("plan", "套餐"), ("gold", "silver"))
SEATS = CustomField("contact", "seats", Type.NUMBER, Label("seats", "席位"))
OWN = Catalogue.standard().with_custom_fields([PLAN, SEATS])


def codes(values: dict[str, Any], catalogue: Catalogue = CATALOGUE) -> list[Code]:
    problems = UpdateRecord.catalogue_problems({"set": values}, catalogue)
    return [problem.code for problem in problems]


def test_fields_and_tags_are_written_with_the_move() -> None:
    step = UpdateRecord.read(
        {"set": {"lead_status": "open"}, "add_tags": ["demo"], "remove_tags": ["cold"]}
    )
    move = step.enter(standing(step))
    assert isinstance(move, Leave)
    assert move.by == "done"
    assert move.changes == (SetFields({"lead_status": "open"}, ("demo",), ("cold",)),)


def test_the_journal_names_fields_and_not_their_values() -> None:
    step = UpdateRecord.read({"set": {"phone": "+6561234567"}})
    move = step.enter(standing(step))
    assert "+6561234567" not in str(move.why if isinstance(move, Leave) else "")


@pytest.mark.parametrize(
    "values",
    [
        {"first_name": "Ada"},
        {"score": 7},
        {"birthday": "1990-02-28"},
        {"time_zone": "Europe/Berlin"},
        {"lifecycle_stage": "customer", "lead_status": None},
        {"phone": None},
    ],
)
def test_writable_fields_take_values_of_their_type(values: dict[str, Any]) -> None:
    assert codes(values) == []


@pytest.mark.parametrize("name", ["id", "email", "owner_id", "tags", "created_at", "nickname"])
def test_fields_that_a_flow_may_not_write_are_refused(name: str) -> None:
    assert codes({name: "x"}) == [Code.UNKNOWN_FIELD]


@pytest.mark.parametrize(
    "values",
    [
        {"score": "7"},
        {"score": 7.5},
        {"score": True},
        {"score": None},
        {"score": 2**60},
        {"birthday": "28.2.1990"},
        {"birthday": "1990-02-30"},
        {"time_zone": "Mars/Base"},
        {"time_zone": "../../etc/passwd"},
        {"lifecycle_stage": "custmer"},
        {"lifecycle_stage": None},
        {"first_name": 7},
        {"first_name": ""},
        {"first_name": "a\0b"},
        {"first_name": ["Ada"]},
    ],
)
def test_values_of_another_kind_are_refused(values: dict[str, Any]) -> None:
    assert codes(values) == [Code.BAD_VALUE]


def test_custom_fields_are_written_by_their_type_once_defined() -> None:
    assert codes({"custom.plan": "gold", "custom.seats": 2.5}, OWN) == []
    assert codes({"custom.plan": "bronze", "custom.seats": "two"}, OWN) == [Code.BAD_VALUE] * 2
    assert codes({"custom.plan": "gold"}) == [Code.UNKNOWN_FIELD]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"set": {}},
        {"add_tags": ["vip"], "remove_tags": ["vip"]},
        {"add_tags": "vip"},
        {"add_tags": [""]},
        {"add_tags": [7]},
        {"set": ["phone"]},
    ],
)
def test_settings_that_change_nothing_or_make_no_sense_are_refused(
    settings: dict[str, Any],
) -> None:
    with pytest.raises(SettingsRefused):
        UpdateRecord.read(settings)


def test_the_canvas_says_what_changes() -> None:
    step = UpdateRecord.read({"set": {"score": 1}, "add_tags": ["vip"], "remove_tags": ["cold"]})
    assert step.summary().en == "score, +vip, −cold"


def computing(expressions: dict[str, Any], contact: dict[str, Any] | None = None) -> Any:
    step = UpdateRecord.read({"compute": expressions})
    here = standing(step, contact=contact or {"score": 40, "first_name": "Ada"})
    return step.enter(here._replace(formulas=step.formulas(CATALOGUE)))


def test_values_are_computed_from_the_facts_of_the_moment() -> None:
    move = computing({"score": {"+": [{"var": "contact.score"}, 5]}})
    assert isinstance(move, Leave)
    assert move.changes == (SetOwnFields({"score": 45}),)
    assert "45" not in str(move.why)


def test_a_simulated_person_gets_the_computed_values() -> None:
    move = computing({"score": {"+": [{"var": "contact.score"}, 5]}})
    facts = {"contact": {"score": 40}}
    for one in move.changes:
        change(facts, one)
    assert facts == {"contact": {"score": 45}}


@pytest.mark.parametrize(
    "expression",
    [
        {"/": [{"var": "contact.score"}, 3]},
        {"+": [{"var": "contact.first_name"}, 1]},
        {"cat": ["a", "b"]},
        {"var": "contact.city"},
    ],
)
def test_a_value_that_does_not_fit_the_field_holds_the_run(expression: dict[str, Any]) -> None:
    move = computing({"score": expression})
    assert isinstance(move, Hold)
    assert move.code == "cannot_compute"


def test_expressions_are_checked_when_the_flow_is_saved() -> None:
    settings = {"compute": {"score": {"+": [{"var": "contact.scroe"}, 1]}, "email": 1}}
    problems = UpdateRecord.catalogue_problems(settings, CATALOGUE)
    assert [(one.path, one.code) for one in problems] == [
        (("compute", "score", "+", 0, "var"), Code.BAD_RULE),
        (("compute", "email"), Code.UNKNOWN_FIELD),
    ]


def test_a_field_is_not_both_set_and_computed() -> None:
    with pytest.raises(SettingsRefused):
        UpdateRecord.read({"set": {"score": 1}, "compute": {"score": 2}})
