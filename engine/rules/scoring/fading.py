"""How much of some points is left after a time, in millionths of a point.

Each contribution is rounded to a millionth, half to even, and added as a whole number: the sum is
the same in any order and on any machine.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Final

from engine.local_time import local_date
from engine.rules.scoring.model import Decay, DecayKind

MILLION: Final = 1_000_000
_DAY_SECONDS: Final = 86_400
# By then a millionth is left; older events need not be looked at.
HALF_LIVES: Final = 20


def whole_points(millionths: int) -> int:
    """Rounded to whole points, half to even."""
    points, rest = divmod(millionths, MILLION)
    if rest * 2 > MILLION or (rest * 2 == MILLION and points % 2):
        points += 1
    return points


def faded(points: float, decay: Decay | None, age_days: float) -> int:
    """Millionths of a point that are left; what lies ahead has not begun to fade."""
    if decay is None or age_days <= 0:
        return round(points * MILLION)
    if age_days >= lasts_days(decay):
        return 0
    if decay.kind is DecayKind.LINEAR:
        return round(points * MILLION * (decay.days - age_days) / decay.days)
    return round(points * MILLION * math.pow(0.5, age_days / decay.days))


def lasts_days(decay: Decay) -> int:
    """After how many days nothing is left."""
    return decay.days * (HALF_LIVES if decay.kind is DecayKind.HALF_LIFE else 1)


def age_in_days(since: date | datetime, now: datetime, zone: str) -> float:
    """Days of 24 hours since an instant; since a date, days of the calendar in the zone."""
    if isinstance(since, datetime):
        return (now - since).total_seconds() / _DAY_SECONDS
    return (local_date(now, zone) - since).days
