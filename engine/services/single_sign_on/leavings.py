"""How often browsers of one network may set out for the company's own sign-in.

Each of them is a row until it is back, and nobody has proved anything yet. Counts are per process,
as those of sign-ins are.
"""

from __future__ import annotations

from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.services.throttle import neighbourhood

# A whole office behind one address begins its day within minutes.
PER_NETWORK: Final = RateLimitItemPerMinute(60, 1, "leavings")


class Leavings:
    """One per process."""

    def __init__(self) -> None:
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def one_more(self, address: str) -> bool:
        return self._counter.hit(PER_NETWORK, neighbourhood(address))
