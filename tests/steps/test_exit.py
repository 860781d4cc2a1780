from __future__ import annotations

import pytest

from engine.flows.problems import SettingsRefused
from engine.steps import Exit
from engine.steps.moves import End
from tests.steps.standing import standing


def test_the_run_ends_with_its_outcome() -> None:
    step = Exit.read({"outcome": "won_back"})
    assert step.enter(standing(step)) == End("won_back")


def test_an_exit_without_words_is_done() -> None:
    step = Exit.read({})
    assert step.enter(standing(step)) == End("done")


def test_nothing_comes_after_an_exit() -> None:
    settings, exits = Exit.split_exits({"do": "exit", "next": "hello"})
    assert exits == {}
    with pytest.raises(SettingsRefused):
        Exit.read(settings)
    assert Exit.read({}).exit_names() == ()
