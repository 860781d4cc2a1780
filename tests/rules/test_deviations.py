"""Where a rule differs from stock JSONLogic it says so: every row of the table in the documents."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from datalogic_py import Engine

from engine.rules import Catalogue, RuleRefused, parse
from tests.rules.adversarial import NOW, ZONE

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
SECTION = PAGE.split("## Where stock JSONLogic differs")[1].split("\n## ")[0]
ROWS = re.findall(r"^\| `(\{.*\})` \| `(\{.*\})` \| (\w+) \| (\w+) \|$", SECTION, re.MULTILINE)
ENGINE = Engine()


def with_times(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as they are loaded: instants are instants, not texts."""
    contact = dict(facts.get("contact", {}))
    for name, value in contact.items():
        if name.endswith("_at"):
            contact[name] = datetime.fromisoformat(value)
    return {**facts, "contact": contact}


def test_the_table_is_there() -> None:
    assert len(ROWS) >= 20
    assert SECTION.count("\n| `") == len(ROWS), "a row is not of the form that this test reads"


@pytest.mark.parametrize(("rule", "data", "stock", "here"), ROWS)
def test_stock_jsonlogic_answers_as_the_table_says(
    rule: str, data: str, stock: str, here: str
) -> None:
    document, facts = json.loads(rule), json.loads(data)
    answer = ENGINE.truthy(ENGINE.compile(document).evaluate(facts))
    assert answer is (stock == "true")
    assert stock != here


@pytest.mark.parametrize(("rule", "data", "stock", "here"), ROWS)
def test_a_rule_answers_as_the_table_says(rule: str, data: str, stock: str, here: str) -> None:
    document, facts = json.loads(rule), with_times(json.loads(data))
    if here in ("true", "false"):
        rule_here = parse(document, Catalogue.standard(), event_rule=False)
        assert rule_here.holds(facts, NOW, ZONE) is (here == "true")
        return
    with pytest.raises(RuleRefused) as refused:
        parse(document, Catalogue.standard(), event_rule=False)
    assert {problem.code for problem in refused.value.problems} == {here}
