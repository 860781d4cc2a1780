"""Rules of other tools come in typed, or not at all and with every place that does not fit."""

from __future__ import annotations

from collections.abc import Iterator
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
