"""Which arm of a split is better, asked as often as one likes.

A test of two proportions that may be looked at all the time: M. Lindon and A. Malek, "Anytime-valid
inference for multinomial count data", NeurIPS 2022. Were two arms alike, each person who reaches
the goal would belong to the first with a fixed chance: its share of the weights. That holds in
whatever order and however late people reach it, and whatever the rate is. The likelihood of the
arms of those people under a Beta mixture of other chances, over the likelihood under that fixed
one, is a martingale that starts at 1, so by Ville's inequality the chance that it ever comes to
1/alpha is at most alpha: one may look after every single person, and stop on the day one likes.

What it costs: those who did not reach the goal speak only through the weights, so a goal that half
of all people reach takes up to twice as many of them as a test of all counts would; at one in ten
it is a ninth more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Final

METHOD: Final = "beta_mixture_martingale"
# How strongly each part of the mixture believes that the arms are nearly alike. Of two even arms
# one thinks that they differ several times over, one by a third, one by a tenth; each costs the
# others little, as the evidence needed is three times as much at most.
_CONCENTRATIONS: Final = (4.0, 40.0, 400.0)
_LARGEST: Final = 1e300


@dataclass(frozen=True, slots=True)
class Arm:
    """`people` came into the arm since the comparison began, `reached` of them what is compared."""

    name: str
    weight: int
    people: int
    reached: int

    @property
    def rate(self) -> float:
        return self.reached / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """`against` is the weakest evidence that the leader has against another arm, `needed` what it
    must come to; `leader` has the most for its weight. `winner` is None as long as chance may
    explain it or an arm has too few people.
    """

    leader: str | None
    winner: str | None
    against: float
    needed: float
    enough_people: bool


def evidence_of(arms: Sequence[Arm], *, confidence: float, least: int) -> Evidence:
    """Weigh the arms. `least` is how many people each must have.

    With more than two arms the leader must beat each of the others, and each comparison gets its
    share of the error (Bonferroni).
    """
    needed = max(len(arms) - 1, 1) / (1 - confidence)
    enough = len(arms) > 1 and all(arm.people >= least for arm in arms)
    if not any(arm.reached for arm in arms) or len(arms) < 2:
        return Evidence(None, None, 0.0, needed, enough)
    leader = max(arms, key=lambda arm: arm.reached / arm.weight if arm.weight else -1.0)
    against = min(_against(leader, arm) for arm in arms if arm is not leader)
    won = enough and against >= needed
    return Evidence(leader.name, leader.name if won else None, against, needed, enough)


def _against(leader: Arm, other: Arm) -> float:
    """The martingale of two arms; 0 where the leader does not lead."""
    total = leader.weight + other.weight
    if (
        not leader.weight
        or not other.weight
        or leader.reached * total <= leader.weight * (leader.reached + other.reached)
    ):
        return 0.0
    share = leader.weight / total
    parts = [_log_martingale(leader.reached, other.reached, share, k) for k in _CONCENTRATIONS]
    if max(parts) > log(_LARGEST):
        return _LARGEST
    return sum(map(exp, parts)) / len(parts)


def _log_martingale(first: int, second: int, share: float, concentration: float) -> float:
    a, b = concentration * share, concentration * (1 - share)
    mixed = _log_beta(a + first, b + second) - _log_beta(a, b)
    return mixed - first * log(share) - second * log(1 - share)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
