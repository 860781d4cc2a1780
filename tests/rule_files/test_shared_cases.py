"""The runner of rule files comes to the verdicts of the tables that prove the language."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.services.rules.cases import run_cases
from engine.services.rules.files import Usual, read_rule_file
from tests.rules.adversarial import CATALOGUE, NOW, ZONE

FILES = sorted((Path(__file__).parents[1] / "rules" / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_table_of_cases_passes(path: Path) -> None:
    file = read_rule_file(path.read_bytes(), path.name, Usual(NOW, ZONE, event_rule=True))
    results = run_cases(file, CATALOGUE, "en")

    assert [str(one) for one in results if one.outcome != "passed"] == []
    assert len(results) == len(file.cases) > 5
