"""Confidence intervals of shares, of their difference and of their ratio.

- A share: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
  JASA 22 (1927).
- The difference of two: R. G. Newcombe, "Interval estimation for the difference between
  independent proportions", Statistics in Medicine 17 (1998), method 10.
- Their ratio: A. Donner and G. Y. Zou, "Closed-form confidence intervals for functions of the
  normal mean and standard deviation", Statistical Methods in Medical Research 21 (2012): the method
  of variance estimates recovery, from the same Wilson limits.

All three stay within what is possible and behave with few people and with shares near 0.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple


class Interval(NamedTuple):
    low: float
    high: float


def wilson(reached: int, people: int, confidence: float = 0.95) -> Interval:
    """Where the true share lies. Without people it may be anything from 0 to 1."""
    if not people:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, weight = reached / people, z * z / people
    middle = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / people + weight / (4 * people)) / (1 + weight)
    # at the ends the arithmetic is off by rounding only
    low = 0.0 if reached == 0 else middle - half
    high = 1.0 if reached == people else middle + half
    return Interval(low, high)


def difference(
    reached: int, people: int, of_reached: int, of_people: int, confidence: float = 0.95
) -> Interval:
    """Where the difference of two true shares lies, the first less the second; both have people."""
    first, second = reached / people, of_reached / of_people
    low1, high1 = wilson(reached, people, confidence)
    low2, high2 = wilson(of_reached, of_people, confidence)
    apart = first - second
    return Interval(
        apart - sqrt((first - low1) ** 2 + (high2 - second) ** 2),
        apart + sqrt((high1 - first) ** 2 + (second - low2) ** 2),
    )


def ratio(
    reached: int, people: int, of_reached: int, of_people: int, confidence: float = 0.95
) -> Interval | None:
    """Where the ratio of two true shares lies; None when the second may be nothing at all."""
    first, second = reached / people, of_reached / of_people
    low1, high1 = wilson(reached, people, confidence)
    low2, high2 = wilson(of_reached, of_people, confidence)
    under, over = high2 * (2 * second - high2), low2 * (2 * second - low2)
    if under <= 0 or over <= 0:
        return None
    product = first * second
    inner_low = product**2 - low1 * (2 * first - low1) * under
    inner_high = product**2 - high1 * (2 * first - high1) * over
    return Interval(
        max(0.0, (product - sqrt(max(0.0, inner_low))) / under),
        (product + sqrt(max(0.0, inner_high))) / over,
    )
