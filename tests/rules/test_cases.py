"""Tables of rule, facts and verdict; explanations give the same verdict everywhere in the tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.rules import Explained, Facts, parse
from engine.rules.parse import compiled
from engine.rules.wording import as_json, describe, sentence
from tests.rules.adversarial import CATALOGUE, NOW, ZONE

FOLDER = Path(__file__).parent / "cases"


def cases() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.safe_load(file.read_text("utf-8")):
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


CASES = list(cases())


def when(case: dict[str, Any]) -> tuple[datetime, str]:
    """The now and zone of a case; those of the adversarial records unless it says others."""
    return case.get("now", NOW), case.get("zone", ZONE)


def everywhere(tree: Explained) -> Iterator[Explained]:
    yield tree
    for child in tree.children:
        yield from everywhere(child)


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_the_one_in_the_table(case: dict[str, Any]) -> None:
    rule = parse(case["rule"], CATALOGUE, event_rule=True)
    facts: Facts = case["facts"]
    assert rule.holds(facts, *when(case)) is case["holds"]
    assert rule.at(*when(case))(facts) is case["holds"]


@pytest.mark.parametrize("case", CASES)
def test_the_explanation_has_the_same_truth_at_every_node(case: dict[str, Any]) -> None:
    rule = parse(case["rule"], CATALOGUE, event_rule=True)
    tree = rule.explain(case["facts"], *when(case))
    assert tree.truth is case["holds"]
    for part in everywhere(tree):
        assert part.truth is compiled(None, part.node).holds(case["facts"], *when(case))


@pytest.mark.parametrize("case", CASES)
def test_every_verdict_can_be_said_in_both_languages(case: dict[str, Any]) -> None:
    rule = parse(case["rule"], CATALOGUE, event_rule=True)
    tree = rule.explain(case["facts"], *when(case))
    assert sentence(tree, "en", CATALOGUE).startswith("because ")
    assert sentence(tree, "zh", CATALOGUE).startswith("因为")
    assert describe(rule.root, "en", CATALOGUE)
    assert as_json(tree, CATALOGUE)["truth"] is case["holds"]
