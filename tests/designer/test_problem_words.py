"""What services find wrong, told to readers of Chinese: by code, with the name that was written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import engine
from designer.i18n import translator
from designer.problem_words import (
    TABLES,
    Kind,
    all_words,
    placed_words,
    problem_words,
    refusal_words,
)
from designer.problem_words.refusals import KNOWN
from engine.errors import CadenzaError, Conflict, NotAllowed, NotFound, Problem, Refused
from engine.flows.problems import Code
from engine.rules.problems import Code as RuleCode

ENGLISH, CHINESE = translator("en"), translator("zh-CN")
# Where problems of a kind are made, and which of their codes nobody meets in the designer.
WRITTEN: dict[Kind, tuple[str, ...]] = {
    "letter": ("rendering", "services/templates"),
    "import": ("services/imports",),
    "definition": (
        *("definitions", "pipelines", "approvals", "assignment", "escalations"),
        *("services/definitions", "services/deals/publishing.py"),
    ),
    "form": (
        *("people", "services/people.py", "services/organisation", "services/calendars"),
        *("services/custom_fields.py", "services/passwords.py", "services/handover"),
        *("services/records", "services/roles", "services/channels", "services/api_keys"),
        *("services/subscriptions", "services/sending", "services/segments", "services/forms"),
        *("services/sources/mapping.py", "services/hooks/sources.py", "services/second_factor"),
    ),
}
MAKERS = {"Problem", "TemplateProblem", "Remark", "_problem"}
CODE_PLACE = 1


def codes_in(folder: str) -> Iterator[str]:
    root = Path(engine.__file__).parent / folder
    for path in [root] if root.suffix else root.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or len(call.args) <= CODE_PLACE:
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else None
            code = call.args[CODE_PLACE]
            if name not in MAKERS or not isinstance(code, ast.Constant):
                continue
            # of a maker with a code of its own, the second thing is a sentence
            if isinstance(code.value, str) and code.value.isidentifier():
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


def codes_of_errors() -> Iterator[str]:
    """What each kind of error that a page can meet calls itself; those of the API are its own."""
    root = Path(engine.__file__).parent
    for path in root.rglob("*.py"):
        if path.is_relative_to(root / "api"):
            continue
        for kind in ast.walk(ast.parse(path.read_text())):
            if not isinstance(kind, ast.ClassDef) or not kind.bases:
                continue
            for line in kind.body:
                match line:
                    case (
                        ast.Assign(targets=[ast.Name("code")], value=ast.Constant(str(code)))
                        | ast.AnnAssign(target=ast.Name("code"), value=ast.Constant(str(code)))
                    ):
                        yield code


def test_every_kind_of_refusal_has_its_sentence() -> None:
    found = set(codes_of_errors())
    assert len(found) > 25
    # the environment at the start, and what only senders of webhooks meet
    unmet = {"settings", "bad_signature", ""}
    assert found - KNOWN - unmet == set()


def test_a_refusal_is_told_by_its_code_with_the_name_in_it() -> None:
    gone = NotFound('There is no calendar "late".')
    assert refusal_words(gone, CHINESE) == "不存在，或您无权查看。所指：“late”。"
    assert refusal_words(gone, ENGLISH) == gone.message
    assert "权限" in refusal_words(NotAllowed("Vera may not edit contacts."), CHINESE)
    assert "Vera" not in refusal_words(NotAllowed("Vera may not edit contacts."), CHINESE)


def test_of_what_has_many_causes_the_services_own_words_stay() -> None:
    said = refusal_words(Conflict("Handover 3 is being carried out. Cancel it."), CHINESE)
    assert said == "目前无法执行此操作。服务器说明：Handover 3 is being carried out. Cancel it."


def test_an_error_of_an_unknown_kind_is_told_as_what_it_is_a_kind_of() -> None:
    class StillBurning(Conflict):
        code = "still_burning"

    class Odd(CadenzaError):
        @property
        def code(self) -> str:  # type: ignore[override]
            return "odd"

    assert refusal_words(StillBurning("It burns."), CHINESE).startswith("目前无法执行此操作。")
    assert refusal_words(Odd("It is odd."), CHINESE).startswith("操作未成功。")


def test_mistakes_are_counted_above_and_told_each() -> None:
    problems = [Problem("/name", "bad_name", "no"), Problem("/values", "narrowed", "no")]
    refused = Refused("The field cannot be defined.", problems)
    said = all_words(refused, CHINESE)
    assert said.startswith("有 2 处需要改正。 不能使用该名称")
    assert said.endswith("可填任意文字的字段不能改为列表。")
    assert all_words(refused, ENGLISH) == "The field cannot be defined. no no"
