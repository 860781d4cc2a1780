"""Scores and bands computed in the plainest way, from the documented definition and no other code
of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

# recency across (1 to 5), frequency down (5 to 1); a star asks whether the spending is 4 or 5
_GRID = """
cannot_lose*at_risk cannot_lose*at_risk loyal          champion*loyal  champion*loyal
cannot_lose*at_risk cannot_lose*at_risk loyal          champion*loyal  champion*loyal
at_risk             at_risk             need_attention potential_loyal potential_loyal
lost                hibernating         need_attention potential_loyal potential_loyal
lost                hibernating         about_to_sleep promising       new
"""
GRID = [line.split() for line in _GRID.strip().splitlines()]


def own_band(recency: int, frequency: int, monetary: int | None) -> str:
    high, _, low = GRID[5 - frequency][recency - 1].partition("*")
    if low and not (monetary is not None and monetary >= 4):
        return low
    return high


def own_scores(values: Mapping[int, Any]) -> dict[int, int]:
    """A score for each who has a value: one more than the number of borders below it."""
    ranked = sorted(value for value in values.values() if value is not None)
    borders = (
        [ranked[(fifth * len(ranked) + 4) // 5 - 1] for fifth in (1, 2, 3, 4)] if ranked else []
    )
    return {
        who: 1 + sum(border < value for border in borders)
        for who, value in values.items()
        if value is not None
    }


def own_bands(purchases: Mapping[int, list[tuple[datetime, int]]]) -> dict[int, str]:
    """The band of each customer, from the instant and amount of all purchases."""
    recency = own_scores({who: max(at for at, _ in all_) for who, all_ in purchases.items()})
    frequency = own_scores({who: len(all_) for who, all_ in purchases.items()})
    monetary = own_scores({who: sum(minor for _, minor in all_) for who, all_ in purchases.items()})
    return {who: own_band(recency[who], frequency[who], monetary[who]) for who in purchases}
