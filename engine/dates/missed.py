"""What happens to firings of a schedule that nobody was there for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# A look comes at the minute itself; one that is later than a tick comes after an outage.
PUNCTUAL: Final = timedelta(minutes=15)
# Under `all` an outage's firings are made up for one by one; more than this were never meant.
MOST_AT_ONCE: Final = 100


class Missed(StrEnum):
    """`latest`: of all that came since the last look only the last; `none`: nothing that is late;
    `all`: each by itself.
    """

    LATEST = "latest"
    NONE = "none"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Firings:
    """`to_fire` in order; `dropped` were missed for good."""

    to_fire: tuple[datetime, ...]
    dropped: int = 0


def to_make_up(
    passed: Iterable[datetime], now: datetime, missed: Missed, within: timedelta
) -> Firings:
    """Which of the firings since the last look are to be done now; none that is older than
    `within`, or a quarter of an hour.
    """
    known = list(passed)
    oldest = now - (PUNCTUAL if missed is Missed.NONE else max(within, PUNCTUAL))
    wanted = [at for at in known if at >= oldest]
    wanted = wanted[-1:] if missed is Missed.LATEST else wanted[-MOST_AT_ONCE:]
    return Firings(tuple(wanted), len(known) - len(wanted))
