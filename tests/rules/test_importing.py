"""Rules of other tools come in typed, or not at all and with every place that does not fit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules import CustomField, Label, RuleRefused, Type, parse
from engine.rules.importing import import_rule
from tests.rules.adversarial import CATALOGUE as PLAIN

FOLDER = Path(__file__).parent / "imports"
CATALOGUE = PLAIN.with_custom_fields(
    [CustomField("contact", "sizes", Type.SET, Label("sizes", "尺码"), ("S", "M", "L"))]
)


def rows() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for row in yaml.safe_load(file.read_text("utf-8")):
            yield pytest.param(file.stem, row, id=f"{file.stem}: {row['name']}")


def imported(source: Any, row: dict[str, Any]) -> dict[str, object]:
    options = {key: row[key] for key in ("event_rule", "subject", "zone") if key in row}
    return import_rule(row["document"], source, CATALOGUE, **options)


def options_of(row: dict[str, Any]) -> dict[str, Any]:
    return {"event_rule": row.get("event_rule", False), "subject": row.get("subject", "contact")}


@pytest.mark.parametrize(("source", "row"), list(rows()))
def test_a_foreign_rule_is_typed_or_refused_with_all_places(
    source: str, row: dict[str, Any]
) -> None:
    if "gives" in row:
        stored = imported(source, row)
        assert stored == {"dialect": 1, "rule": row["gives"]}
        parse(stored, CATALOGUE, **options_of(row))
        return
    with pytest.raises(RuleRefused) as refused:
        imported(source, row)
    found = [[problem.pointer, problem.code] for problem in refused.value.problems]
    assert found == row["refused"]
    for problem in refused.value.problems:
        assert "untranslated" not in problem.message
        assert problem.message.endswith(".")


def test_a_rule_too_deep_is_refused_before_anything_is_read() -> None:
    document: Any = True
    for _ in range(5_000):
        document = {"!": [document]}
    with pytest.raises(RuleRefused) as refused:
        import_rule(document, "react_querybuilder", CATALOGUE)
    assert refused.value.problems[0].code == "too_deep"


RANGES: dict[Any, Callable[[Any], Any]] = {
    "jsonlogic": lambda one: {"<": [1, one, 2]},
    "react_querybuilder": lambda one: {"dateBetween": [1, one, 2]},
}


@pytest.mark.parametrize("source", RANGES)
def test_ranges_of_ranges_are_refused_at_once(source: Any) -> None:
    document: Any = {"var": "score"}
    for _ in range(25):
        document = RANGES[source](document)
    started = time.thread_time()
    with pytest.raises(RuleRefused) as refused:
        import_rule(document, source, CATALOGUE)
    assert time.thread_time() - started < 2
    assert "too_large" in {problem.code for problem in refused.value.problems}


def test_days_of_days_are_translated_once() -> None:
    document: Any = {"var": "created_at"}
    for _ in range(12):
        document = {"dateIn": [document, ["2026-01-01"] * 5]}
    started = time.thread_time()
    with pytest.raises(RuleRefused):
        import_rule(document, "react_querybuilder", CATALOGUE)
    assert time.thread_time() - started < 2


@pytest.mark.parametrize(
    ("fact", "text", "zone"),
    [
        ("birthday", "0001-01-01T00:00:00+23:59", "UTC"),
        ("birthday", "9999-12-31T23:59:59-23:59", "UTC"),
        ("created_at", "9999-12-31T23:59:59", "America/New_York"),
        ("created_at", "0001-01-01T00:00:00", "Asia/Tokyo"),
    ],
)
def test_a_time_at_the_edge_of_the_calendar_is_refused(fact: str, text: str, zone: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        import_rule({">": [{"var": fact}, text]}, "react_querybuilder", CATALOGUE, zone=zone)
    assert {problem.code for problem in refused.value.problems} == {"bad_date"}


WORDS = [
    *("var", "==", "<=", "in", "!", "and", "some", "all", "reduce", "filter", "missing"),
    *("missing_some", "dateRelative", "dateIn", "dateBetween", "date_add", "now", "toLowerCase"),
    *("datetime_truncate", "startsWith", "?:", "+", "logic", "orders", "contact.tags", "score"),
]
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([*WORDS, "", "day", "2026-01-01"])
)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(WORDS), st.one_of(inner, st.lists(inner, max_size=3))),
    ),
    max_leaves=12,
)


@given(documents, st.sampled_from(["jsonlogic", "awesome_query_builder", "react_querybuilder"]))
@settings(max_examples=400, deadline=None)
def test_whatever_comes_in_is_a_rule_or_is_refused(document: Any, source: Any) -> None:
    try:
        stored = import_rule(document, source, CATALOGUE)
    except RuleRefused:
        return
    parse(stored, CATALOGUE, event_rule=False)
