from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engine.flows.problems import SettingsRefused
from engine.steps import Split
from engine.steps.moves import Leave
from tests.steps.standing import standing

WRITTEN: dict[str, Any] = {
    "do": "split",
    "arms": [
        {"name": "short", "weight": 70, "next": "brief"},
        {"name": "long", "weight": 30, "next": "letter"},
    ],
}
SETTINGS, EXITS = Split.split_exits(WRITTEN)
STEP = Split.read(SETTINGS)


def arm_of(step: Split, subject_id: int, node: str = "here") -> str:
    move = step.enter(standing(step, subject_id=subject_id, node=node))
    assert isinstance(move, Leave)
    return move.by


def weighted(*weights: int) -> Split:
    names = "abcdefgh"
    arms = [{"name": names[i], "weight": weight} for i, weight in enumerate(weights)]
    return Split.read({"arms": arms})


def test_the_same_subject_always_takes_the_same_arm() -> None:
    assert {arm_of(STEP, 42) for _ in range(20)} == {arm_of(STEP, 42)}


def test_people_are_parted_by_weight() -> None:
    taken = Counter(arm_of(STEP, subject_id) for subject_id in range(5_000))
    # five standard deviations of a binomial with 5,000 draws are about 160
    assert abs(taken["short"] - 3_500) < 170


def test_two_splits_of_one_flow_part_people_differently() -> None:
    pairs = {(arm_of(STEP, i, "first"), arm_of(STEP, i, "second")) for i in range(200)}
    assert len(pairs) == 4


def test_an_arm_of_weight_zero_is_never_taken() -> None:
    step = weighted(0, 1, 0)
    assert {arm_of(step, i) for i in range(300)} == {"b"}


def test_a_larger_arm_keeps_everybody_it_had() -> None:
    before = {i for i in range(1_000) if arm_of(weighted(30, 70), i) == "a"}
    after = {i for i in range(1_000) if arm_of(weighted(50, 50), i) == "a"}
    assert before < after


def test_arms_carry_their_targets_in_the_file_and_exits_in_the_flow() -> None:
    assert EXITS == {"short": "brief", "long": "letter"}
    assert STEP.exit_names() == ("short", "long")
    assert {"do": "split", **Split.join_exits(SETTINGS, EXITS)} == WRITTEN
    assert Split.exit_path(WRITTEN, "long") == ("arms", 1, "next")


@pytest.mark.parametrize(
    "arms",
    [
        None,
        [],
        "x",
        [{"name": "a", "weight": 1}],
        [{"name": "a", "weight": 1}, {"name": "a", "weight": 1}],
        [{"name": "a", "weight": 0}, {"name": "b", "weight": 0}],
        [{"name": "a", "weight": -1}, {"name": "b", "weight": 2}],
        [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 2}],
        [{"name": "a", "weight": "1"}, {"name": "b", "weight": 2}],
        [{"name": "A arm", "weight": 1}, {"name": "b", "weight": 2}],
    ],
)
def test_arms_that_part_nobody_are_refused(arms: object) -> None:
    settings, _ = Split.split_exits({"do": "split", "arms": arms})
    with pytest.raises(SettingsRefused):
        Split.read(settings)
