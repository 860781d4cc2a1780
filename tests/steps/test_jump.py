from __future__ import annotations

import pytest

from engine.flows.problems import SettingsRefused
from engine.steps import Jump, moves
from tests.steps.standing import FRIDAY, standing


def test_it_leads_round_until_it_was_often_enough() -> None:
    step = Jump.read({"at_most": 2})
    for visit in (1, 2):
        here = standing(step)._replace(visit=visit)
        move = step.enter(here)
        assert isinstance(move, moves.Wait)
        assert move.until == FRIDAY
        assert step.time_came(here) == moves.Leave("again")
    move = step.enter(standing(step)._replace(visit=3))
    assert isinstance(move, moves.Leave)
    assert move.by == "enough"


@pytest.mark.parametrize("at_most", [0, -1, 1001, "3", 2.5, True, None])
def test_the_limit_is_a_whole_number(at_most: object) -> None:
    with pytest.raises(SettingsRefused):
        Jump.read({"at_most": at_most})


def test_the_canvas_says_how_often() -> None:
    assert Jump.read({"at_most": 1}).summary().en == "at most 1 time"
    assert Jump.read({"at_most": 3}).summary().zh == "最多 3 次"
