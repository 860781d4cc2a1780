"""Forms drawn from schemas: lengths of time, plain values, shapes, and who may come back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.flow_editor.beginning import free_short_name
from designer.flow_editor.entry_form import entry_fields, entry_form, written_entry
from designer.flow_editor.kinds import GROUPS, STARTS, palette
from designer.flow_editor.step_panel import name_from
from designer.forms.choice_words import CHOICES
from designer.forms.context import below
from designer.forms.plain_values import from_text, to_text
from designer.forms.shapes import Shape, fresh, shape_of
from designer.forms.spans import UNITS, Amount, amount_of
from designer.i18n import translator
from engine.flows.triggers import TRIGGER_KINDS
from engine.local_time import parse_span
from engine.steps import STEP_KINDS

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_a_value_in_a_line_is_read_back_the_same(value: Any) -> None:
    again = from_text(to_text(value))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("hello", "hello"), ("true", True), ('"5"', "5"), ("[1", "[1"), ("NaN", "NaN")],
)
def test_what_is_typed_is_what_people_mean(text: str, value: Any) -> None:
    assert from_text(text) == value


@given(st.integers(-190, 190).filter(bool), st.sampled_from(UNITS))
@settings(max_examples=60, deadline=None)
def test_a_length_of_time_keeps_its_meaning(count: int, unit: Any) -> None:
    written = Amount(count, unit).written()
    again = amount_of(written)
    assert again is not None
    assert parse_span(again.written()) == parse_span(written)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("P14D", Amount(14, "d")),
        ("2w", Amount(2, "w")),
        ("PT90M", Amount(90, "m")),
        ("24h", Amount(24, "h")),
        ("P1Y", Amount(1, "y")),
        ("-3d", Amount(-3, "d")),
        ("1d12h", None),
        ("30s", None),
        ("soon", None),
        ("", None),
    ],
)
def test_lengths_of_time_are_shown_in_one_unit(text: str, amount: Amount | None) -> None:
    assert amount_of(text) == amount


def test_every_field_of_every_step_and_trigger_has_a_shape() -> None:
    seen: set[str] = set()
    unnamed: set[str] = set()
    for kind in (*STEP_KINDS.values(), *TRIGGER_KINDS.values()):
        schema = kind.model_json_schema()
        definitions = schema.get("$defs", {})
        parts = [schema, *definitions.values()]
        for prop in [prop for part in parts for prop in part.get("properties", {}).values()]:
            shape = shape_of(prop, definitions)
            seen.add(shape.kind)
            unnamed |= {one for one in shape.choices if one not in CHOICES and one.islower()}
    assert seen >= {"choice", "switch", "number", "several", "texts", "repeat", "group", "mapping"}
    assert unnamed == set()


def test_a_group_may_be_missing_and_begins_with_what_is_demanded() -> None:
    definitions = {
        "Arm": {
            "required": ["name", "weight"],
            "properties": {"name": {"type": "string"}, "weight": {"type": "integer", "minimum": 0}},
        }
    }
    prop = {"anyOf": [{"$ref": "#/$defs/Arm"}, {"type": "null"}]}
    assert shape_of(prop, definitions) == Shape("group", True, inner=definitions["Arm"])
    assert fresh(definitions["Arm"]) == {"weight": 1}


def test_problems_go_to_the_part_they_belong_to() -> None:
    problems = {"cases/0/when": ["a"], "cases": ["b"], "cases_too": ["c"]}
    assert below(problems, "cases") == {"0/when": ["a"], "": ["b"]}


@pytest.mark.parametrize(
    "written",
    [
        "once",
        "after_exit",
        "always",
        {"once_per": "order_id"},
        {"every": "P30D"},
        {"always": {"at_most": 3}},
    ],
)
def test_who_may_come_back_is_written_as_it_was(written: Any) -> None:
    form = entry_form(written)
    assert written_entry(form) == written
    assert set(form) <= set(entry_fields(form))


def test_every_kind_of_step_is_offered_once() -> None:
    offered = [one["kind"] for one in palette(translator("zh-CN"))]
    assert sorted(offered) == sorted(STEP_KINDS)
    assert {kind for _, kinds in GROUPS.values() for kind in kinds} == set(STEP_KINDS)
    assert set(STARTS) <= set(STEP_KINDS)


def test_names_are_made_of_what_people_type() -> None:
    assert name_from(" Second  touch-mail ") == "second_touch_mail"
    assert free_short_name("Spring Sale 2027!", []) == "spring_sale_2027"
    assert free_short_name("春季促销", ["flow"]) == "flow_2"
    assert free_short_name("  ", []) == ""
