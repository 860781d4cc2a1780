"""When a sender domain is warned of, when it must rest, and when it is well again."""

from __future__ import annotations

import random

import pytest

from engine.measuring.breaker import WELL_BELOW, Health, Judged, Limits, Volume, judge

WELL, WARNED, PAUSED = Health
LIMITS = Limits()


@pytest.mark.parametrize(
    ("was", "volume", "health", "reason"),
    [
        (WELL, Volume(), WELL, None),
        (WELL, Volume(1000, 19, 0), WELL, None),
        (WELL, Volume(1000, 20, 0), WARNED, "bounces"),
        (WELL, Volume(1000, 50, 0), PAUSED, "bounces"),
        (WELL, Volume(1000, 0, 1), WARNED, "complaints"),
        (WELL, Volume(1000, 0, 3), PAUSED, "complaints"),
        (WELL, Volume(1000, 60, 3), PAUSED, "complaints"),
        # too little to say anything
        (WELL, Volume(499, 499, 499), WELL, None),
        (WARNED, Volume(499, 0, 0), WARNED, "complaints"),
        # who was warned is well only well below the limit
        (WARNED, Volume(1000, 17, 0), WARNED, "bounces"),
        (WARNED, Volume(1000, 15, 0), WELL, None),
        (WARNED, Volume(1000, 50, 0), PAUSED, "bounces"),
        # nobody but a person lets a paused domain go on
        (PAUSED, Volume(1_000_000, 0, 0), PAUSED, "complaints"),
        (PAUSED, Volume(1000, 50, 0), PAUSED, "bounces"),
    ],
)  # fmt: skip
def test_a_domain_is_judged_by_what_came_back(
    was: Health, volume: Volume, health: Health, reason: str | None
) -> None:
    assert judge(was, volume, LIMITS) == Judged(health, reason)


def test_more_that_comes_back_never_makes_a_domain_better() -> None:
    chance, order = random.Random(3), [WELL, WARNED, PAUSED]
    for _ in range(2_000):
        sent = chance.randint(0, 5_000)
        one = Volume(sent, chance.randint(0, 300), chance.randint(0, 20))
        more = Volume(sent, one.bounced + chance.randint(0, 50), one.complained + 1)
        was = chance.choice(order)
        before, after = (judge(was, volume, LIMITS).health for volume in (one, more))
        assert order.index(before) <= order.index(after)


def test_nothing_flaps_around_a_limit() -> None:
    """A share that moves by less than a fifth around the limit is told of once."""
    told, health = 0, WELL
    for bounced in [18, 21, 18, 20, 17, 21, 18] * 10:
        found = judge(health, Volume(1000, bounced, 0), LIMITS).health
        told += found is not health
        health = found
    assert told == 1
    assert WELL_BELOW < 1
