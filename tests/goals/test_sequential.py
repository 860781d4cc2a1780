"""The test that decides winners errs no more often than it says, however often one looks."""

from __future__ import annotations

import random

import pytest

from engine.measuring import Arm, evidence_of


def arms(*counts: tuple[int, int, int]) -> list[Arm]:
    return [Arm("abc"[i], *count) for i, count in enumerate(counts)]


def test_a_clear_difference_wins() -> None:
    found = evidence_of(arms((50, 1000, 150), (50, 1000, 90)), confidence=0.95, least=100)
    assert found.winner == found.leader == "a"


def test_too_few_people_never_win() -> None:
    found = evidence_of(arms((50, 99, 60), (50, 100, 0)), confidence=0.95, least=100)
    assert (found.leader, found.winner) == ("a", None)


def test_without_anybody_there_is_no_leader() -> None:
    assert evidence_of(arms((1, 0, 0), (1, 0, 0)), confidence=0.95, least=0).leader is None


def test_shares_are_taken_by_weight() -> None:
    """A ninth of the people and a ninth of the orders is no better than the rest."""
    found = evidence_of(arms((90, 9000, 900), (10, 1000, 100)), confidence=0.95, least=1)
    assert found.winner is None
    assert found.against < 1


def test_the_leader_must_beat_every_other_arm() -> None:
    close = arms((1, 1000, 150), (1, 1000, 145), (1, 1000, 50))
    assert evidence_of(close, confidence=0.95, least=1).winner is None
    ahead = arms((1, 1000, 250), (1, 1000, 145), (1, 1000, 50))
    assert evidence_of(ahead, confidence=0.95, least=1).winner == "a"


def test_counts_of_millions_can_be_weighed() -> None:
    found = evidence_of(arms((1, 10**9, 10**8), (1, 10**9, 5 * 10**7)), confidence=0.99, least=1)
    assert found.winner == "a"


def errs(dice: random.Random, weights: list[int], rate: float, people: int) -> bool:
    """People come one by one and reach the goal some time later; after each we look."""
    reached, came = [0] * len(weights), [0] * len(weights)
    late: list[int] = []
    for _ in range(people):
        [arm] = dice.choices(range(len(weights)), weights)
        came[arm] += 1
        if dice.random() < rate:
            late.append(arm)
        if late and dice.random() < rate:
            reached[late.pop(dice.randrange(len(late)))] += 1
            now = [Arm(str(i), weights[i], came[i], reached[i]) for i in range(len(weights))]
            if evidence_of(now, confidence=0.9, least=20).winner is not None:
                return True
    return False


@pytest.mark.parametrize(
    ("weights", "rate"), [([1, 1], 0.3), ([1, 1], 0.05), ([80, 20], 0.2), ([1, 1, 1], 0.3)]
)
def test_without_a_difference_it_errs_no_more_often_than_it_says(
    weights: list[int], rate: float
) -> None:
    dice = random.Random(f"{weights} {rate}")
    tries = 100
    wrong = sum(errs(dice, weights, rate, 800) for _ in range(tries))
    # confidence of 0.9: a tenth of the tries may end wrongly
    assert wrong <= tries / 10


def test_a_difference_of_a_third_is_found() -> None:
    dice = random.Random("power")
    found = 0
    for _ in range(40):
        counts = [sum(dice.random() < rate for _ in range(4000)) for rate in (0.12, 0.09)]
        pair = arms((1, 4000, counts[0]), (1, 4000, counts[1]))
        found += evidence_of(pair, confidence=0.95, least=100).winner == "a"
    assert found >= 30
