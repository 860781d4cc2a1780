from __future__ import annotations

from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import Branch
from engine.steps.moves import Leave
from tests.steps.standing import ADA, standing

WRITTEN: dict[str, Any] = {
    "do": "branch",
    "cases": [
        {"label": "Rich", "when": {">": [{"var": "contact.score"}, 80]}, "next": "call"},
        {"when": {"==": [{"var": "contact.country"}, "SG"]}, "next": "offer"},
    ],
    "else": "nudge",
}
SETTINGS, EXITS = Branch.split_exits(WRITTEN)
STEP = Branch.read(SETTINGS)


def left(**contact: Any) -> Leave:
    move = STEP.enter(standing(STEP, contact={**ADA, **contact}))
    assert isinstance(move, Leave)
    return move


def test_the_first_case_that_holds_is_taken() -> None:
    assert left(score=90, country="SG").by == "case_1"
    assert left(score=10, country="SG").by == "case_2"


def test_everybody_left_takes_else() -> None:
    assert left(score=10, country="DE").by == "else"


def test_the_journal_tells_of_every_case_that_was_looked_at() -> None:
    looked_at = left(score=10, country="SG").why["cases"]
    assert [case["held"] for case in looked_at] == [False, True]
    assert looked_at[0]["label"] == "Rich"
    assert looked_at[0]["rule"]["read"] == [{"fact": "contact.score", "value": 10}]


def test_cases_carry_their_targets_in_the_file_and_exits_in_the_flow() -> None:
    assert EXITS == {"case_1": "call", "case_2": "offer", "else": "nudge"}
    assert all("next" not in case for case in SETTINGS["cases"])
    assert {"do": "branch", **Branch.join_exits(SETTINGS, EXITS)} == WRITTEN
    assert Branch.exit_path(WRITTEN, "case_2") == ("cases", 1, "next")


def test_exits_are_named_for_people() -> None:
    assert STEP.exit_names() == ("case_1", "case_2", "else")
    assert [STEP.exit_label(name).en for name in STEP.exit_names()] == [
        "Rich",
        "case 2",
        "otherwise",
    ]


@pytest.mark.parametrize("cases", [None, "x", [], [1], [{}], [{"when": True, "then": "x"}]])
def test_wrong_cases_are_refused_and_never_break_the_reading(cases: object) -> None:
    settings, exits = Branch.split_exits({"do": "branch", "cases": cases})
    assert exits == {}
    Branch.written_rules(settings)
    with pytest.raises(SettingsRefused):
        Branch.read(settings)


def test_next_is_no_key_of_a_branch() -> None:
    settings, _ = Branch.split_exits({**WRITTEN, "next": "offer"})
    with pytest.raises(SettingsRefused) as caught:
        Branch.read(settings)
    assert [problem.code for problem in caught.value.problems] == [Code.UNKNOWN_KEY]
