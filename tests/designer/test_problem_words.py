"""What services find wrong, told to readers of Chinese: by code, with the name that was written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import engine
from designer.i18n import translator
from designer.problem_words import TABLES, Kind, placed_words, problem_words
from engine.errors import Problem
from engine.flows.problems import Code
from engine.rules.problems import Code as RuleCode

ENGLISH, CHINESE = translator("en"), translator("zh-CN")
# Where problems of a kind are made, and which of their codes nobody meets in the designer.
WRITTEN: dict[Kind, tuple[str, ...]] = {
    "letter": ("rendering", "services/templates"),
    "import": ("services/imports",),
}
MAKERS = {"Problem", "TemplateProblem", "Remark", "_problem"}
CODE_PLACE = 1


def codes_in(folder: str) -> Iterator[str]:
    for path in (Path(engine.__file__).parent / folder).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or len(call.args) <= CODE_PLACE:
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else None
            code = call.args[CODE_PLACE]
            if name in MAKERS and isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield code.value


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_code_that_is_written_down_has_its_sentence(kind: Kind) -> None:
    made = {code for folder in WRITTEN[kind] for code in codes_in(folder)}
    assert len(made) > 5
    assert made - set(TABLES[kind]) == set()


def test_every_code_of_flows_and_rules_has_its_sentence() -> None:
    assert {code.value for code in Code} - set(TABLES["flow"]) == set()
    assert set(get_args(RuleCode)) - set(TABLES["rule"]) == set()


@pytest.mark.parametrize("kind", TABLES)
def test_every_sentence_is_in_chinese(kind: Kind) -> None:
    untold = [one for one in TABLES[kind].values() if CHINESE(one) == one]
    assert untold == []


def test_the_name_that_somebody_wrote_stands_behind_the_sentence() -> None:
    message = 'there is no field "contact.cty"; did you mean "contact.city"?'
    said = problem_words("flow", "unknown_field", message, CHINESE)
    assert said == "没有这个字段。所指：“contact.cty”。"
    assert problem_words("flow", "unknown_field", message, ENGLISH) == message


def test_a_mistake_in_a_rule_is_told_by_the_code_of_the_rule() -> None:
    said = problem_words("flow", "bad_rule", "The rule is empty.", CHINESE, detail="empty_group")
    assert said == CHINESE("This group is empty: add a condition or remove it.")


def test_a_code_without_a_sentence_is_shown_as_it_was_said() -> None:
    problem = Problem("row 4, city", "something_new", "is 50 % {off}")
    assert placed_words("import", problem, CHINESE) == "row 4, city: is 50 % {off}"


def test_names_with_braces_and_markup_stay_text() -> None:
    said = problem_words("flow", "unknown_step", 'no step "{0.__class__}<b>"', CHINESE)
    assert said.endswith("“{0.__class__}<b>”。")
