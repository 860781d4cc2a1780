from __future__ import annotations

from typing import Any

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import MoveStage
from engine.steps.moves import Decide
from engine.steps.questions import MoveDeal
from tests.steps.standing import standing


def test_it_asks_for_the_move() -> None:
    step = MoveStage.read({"stage": "won"})
    assert step.enter(standing(step)) == Decide(MoveDeal("won"))
    step = MoveStage.read({"stage": "lost", "deal": "biggest", "lost_reason": "Too dear"})
    assert step.enter(standing(step)) == Decide(MoveDeal("lost", None, "biggest", "Too dear"))


def test_the_stage_is_looked_for_in_its_pipeline() -> None:
    assert [one.name for one in MoveStage.read({"stage": "won"}).mentions()] == ["won"]
    named = MoveStage.read({"stage": "won", "pipeline": "sales"})
    assert [one.name for one in named.mentions()] == ["sales/won"]
    assert named.summary().en == "to won"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, Code.MISSING_KEY),
        ({"stage": 3}, Code.WRONG_TYPE),
        ({"stage": "won", "deal": "oldest"}, Code.BAD_CHOICE),
        ({"stage": "won", "deals": "newest"}, Code.UNKNOWN_KEY),
    ],
)
def test_a_wrong_setting_is_refused(settings: dict[str, Any], code: Code) -> None:
    with pytest.raises(SettingsRefused) as caught:
        MoveStage.read(settings)
    assert [problem.code for problem in caught.value.problems] == [code]
