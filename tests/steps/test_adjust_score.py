from __future__ import annotations

import pytest

from engine.flows.problems import Code, SettingsRefused
from engine.steps import AdjustScore, moves
from engine.steps.moves import AddToScore
from tests.steps.standing import standing


def test_the_points_go_with_the_move() -> None:
    step = AdjustScore.read({"by": -5})
    assert step.enter(standing(step)) == moves.Leave("done", {"by": -5}, (AddToScore(-5),))


def test_nothing_is_no_adjustment() -> None:
    with pytest.raises(SettingsRefused) as caught:
        AdjustScore.read({"by": 0})
    assert [problem.code for problem in caught.value.problems] == [Code.BAD_VALUE]


@pytest.mark.parametrize("by", [1.5, "5", None, True, 10_001, -10_001])
def test_points_are_whole_and_within_reason(by: object) -> None:
    with pytest.raises(SettingsRefused):
        AdjustScore.read({"by": by})


def test_the_canvas_says_how_many() -> None:
    assert AdjustScore.read({"by": 5}).summary().en == "+5 points"
    assert AdjustScore.read({"by": -1}).summary().zh == "-1 分"
