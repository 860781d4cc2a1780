"""What every kind of step owes: a file of its own, a test, a paragraph, words in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from engine.steps import STEP_KINDS, Step
from engine.steps.form import WIDGETS, fields_of
from engine.steps.words import Words

ROOT = Path(__file__).parents[2]
KINDS = sorted(STEP_KINDS)
DOCS = (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")
HAN = re.compile(r"[\u4e00-\u9fff]")


def models_of(kind: type[Step]) -> list[dict[str, Any]]:
    """The schema of the step and of every model inside it."""
    schema = kind.model_json_schema(by_alias=True)
    return [schema, *schema.get("$defs", {}).values()]


def is_translated(words: Words) -> bool:
    return bool(words.en) and bool(HAN.search(words.zh)) and not HAN.search(words.en)


def test_every_file_with_a_step_is_imported() -> None:
    folder = ROOT / "engine" / "steps"
    with_a_step = {
        path.stem
        for path in folder.glob("*.py")
        if re.search(r"^@step\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert with_a_step == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_it_has_a_test_of_its_own(name: str) -> None:
    assert (ROOT / "tests" / "steps" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", KINDS)
def test_it_is_documented_with_all_its_settings_and_exits(name: str) -> None:
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert found, f"docs/steps.md has no section {name}"
    kind = STEP_KINDS[name]
    for word in (*kind.setting_names(), *kind.named_exits):
        assert f"`{word}`" in found[1], f"docs/steps.md does not explain {word} of {name}"


def test_no_step_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^## (\w+)$", DOCS, re.MULTILINE)) == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_it_speaks_both_languages(name: str) -> None:
    kind = STEP_KINDS[name]
    assert is_translated(kind.label)
    assert is_translated(kind.help)
    assert set(kind.exit_labels) == set(kind.named_exits)
    assert all(is_translated(words) for words in kind.exit_labels.values())
    assert kind.icon


@pytest.mark.parametrize("name", KINDS)
def test_every_field_has_words_in_both_languages_and_a_known_widget(name: str) -> None:
    for schema in models_of(STEP_KINDS[name]):
        for key, field in fields_of(schema).items():
            assert is_translated(Words(field["title"], field["title_zh"])), key
            assert is_translated(Words(field["description"], field["description_zh"])), key
            assert field["widget"] in WIDGETS, key


def test_every_widget_is_described_in_both_languages() -> None:
    assert all(is_translated(words) for words in WIDGETS.values())


@pytest.mark.parametrize("name", KINDS)
def test_a_step_is_a_value(name: str) -> None:
    kind = STEP_KINDS[name]
    assert issubclass(kind, BaseModel)
    assert kind.model_config["frozen"] is True
    assert kind.model_config["extra"] == "forbid"
