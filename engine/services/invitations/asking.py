"""How often somebody may ask for a new password, so that nobody's mailbox is filled by a stranger.

Counts are per process, as those of sign-ins are.
"""

from __future__ import annotations

from typing import Final

from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from crm_store.base import folded
from engine.services.throttle import neighbourhood

PER_ACCOUNT: Final = RateLimitItemPerHour(3, 1, "reset-account")
PER_ADDRESS: Final = RateLimitItemPerHour(20, 1, "reset-address")


class ResetAsks:
    """One per process."""

    def __init__(self) -> None:
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def one_more(self, email: str, address: str) -> bool:
        """Whether a mail may go now. Whoever asks is told the same either way."""
        if not self._counter.hit(PER_ADDRESS, neighbourhood(address)):
            return False
        return self._counter.hit(PER_ACCOUNT, folded(email)[:254])
