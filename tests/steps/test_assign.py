from __future__ import annotations

from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import Assign
from engine.steps.moves import Decide
from engine.steps.questions import AssignOwner
from tests.steps.standing import standing


@pytest.mark.parametrize(
    ("settings", "question"),
    [
        ({"to": "ben@example.com"}, AssignOwner("contact", "user", "ben@example.com")),
        ({"to": "account_owner", "of": "deal"}, AssignOwner("deal", "account_owner")),
        ({"team": "Sales"}, AssignOwner("contact", "round_robin", "Sales")),
        (
            {"team": "Sales", "by": "least_open", "keep": True},
            AssignOwner("contact", "least_open", "Sales", keep=True),
        ),
    ],
)
def test_it_asks_for_an_owner(settings: dict[str, Any], question: AssignOwner) -> None:
    step = Assign.read(settings)
    assert step.enter(standing(step)) == Decide(question)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, Code.MISSING_KEY),
        ({"to": "ben@example.com", "team": "Sales"}, Code.MISSING_KEY),
        ({"to": "ben"}, Code.UNKNOWN_PERSON),
        ({"to": "@"}, Code.UNKNOWN_PERSON),
        ({"team": "Sales", "by": "luck"}, Code.BAD_CHOICE),
        ({"team": "Sales", "of": "ticket"}, Code.BAD_CHOICE),
        ({"team": "Sales", "keep": "yes"}, Code.WRONG_TYPE),
        ({"team": ""}, Code.BAD_VALUE),
    ],
)
def test_a_wrong_setting_is_refused(settings: dict[str, Any], code: Code) -> None:
    with pytest.raises(SettingsRefused) as caught:
        Assign.read(settings)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_only_teams_are_looked_for() -> None:
    assert [one.name for one in Assign.read({"team": "Sales"}).mentions()] == ["Sales"]
    assert Assign.read({"to": "ben@example.com"}).mentions() == ()


def test_the_canvas_says_who() -> None:
    assert Assign.read({"team": "Sales"}).summary().en == "Sales, in turn"
    assert Assign.read({"team": "Sales", "by": "least_open"}).summary().zh == "Sales，待办最少者"
    assert Assign.read({"to": "account_owner"}).summary().en == "account_owner"
