"""The page about importing names every kind, field word and shipped mapping."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.services.imports import load_mapping, parse_mapping
from engine.services.imports.kinds import KINDS
from engine.services.imports.mapping import FieldSource
from tests.imports.conftest import SHIPPED

PAGE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
MAPPINGS = sorted(SHIPPED.glob("*.yaml"))


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_a_shipped_mapping_is_valid_and_documented(path: Path) -> None:
    mapping = load_mapping(path)
    assert mapping.kind in KINDS
    assert set(mapping.fields) <= set(KINDS[mapping.kind].fields)
    assert f"`{path.stem}`" in PAGE


def test_the_example_on_the_page_is_a_valid_mapping() -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    assert parse_mapping(example, name="page").kind == "deals"
    assert yaml.safe_load(PAGE.split("```yaml\n")[2].split("```")[0])["tags"]


def test_every_kind_and_every_word_of_a_field_is_on_the_page() -> None:
    for kind in KINDS.values():
        assert kind.name in PAGE
        assert all(f"`{key}`" in PAGE for key in kind.match_by)
    internal = {"create_with"}
    assert [w for w in FieldSource.model_fields if w not in internal and w not in PAGE] == []
