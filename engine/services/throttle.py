"""How often a password may be guessed, without letting a guesser lock anybody else out.

Three counts, each over a window: failures of one account from one address; failures from one
address; failures of one account from anywhere. The first two refuse for a while. The third never
does: beyond its number every attempt waits, the longer the more failures there were, seconds at
most, so that an account cannot be locked from outside and many machines guess it slowly. Neither
of the last two is asked about an address from which this account has signed in before, so whoever
is attacked goes on signing in at once where they usually do. Counts are per process: several web
processes let through as many times more guesses.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.errors import LimitReached

FAMILIAR_PAIRS: Final = 10_000
FIRST_DELAY: Final = timedelta(seconds=1)
LONGEST_DELAY: Final = timedelta(seconds=10)
# The delay doubles with so many failures more, as a part of those that are free.
_DOUBLES_EVERY: Final = 0.5
# Failures beyond that are not told apart: the delay has long been the longest.
_COUNTED: Final = 20


@dataclass(frozen=True, slots=True)
class GuessLimits:
    """How many failures in how long a window; those of an account are free of any delay."""

    pair: RateLimitItem
    address: RateLimitItem
    account: RateLimitItem


USUAL: Final = GuessLimits(
    pair=RateLimitItemPerMinute(5, 5, "pair"),
    address=RateLimitItemPerMinute(30, 10, "address"),
    account=RateLimitItemPerMinute(50, 60, "account"),
)


class Attempt:
    """One try under way; `succeeded()` is called when the password was right. `delay` is waited for
    before it is looked at."""

    def __init__(self, delay: timedelta = timedelta(0)) -> None:
        self.success = False
        self.delay = delay

    def succeeded(self) -> None:
        self.success = True


class Throttle:
    def __init__(self, limits: GuessLimits = USUAL) -> None:
        self._limits = limits
        free = limits.account
        self._every = type(free)(free.amount * _COUNTED, free.multiples, "every")
        self._counter = MovingWindowRateLimiter(MemoryStorage())
        self._familiar: OrderedDict[tuple[str, str], None] = OrderedDict()

    @contextmanager
    def attempt(self, account: str, address: str, *, firmly: bool = False) -> Iterator[Attempt]:
        """Raises LimitReached before the password is looked at. `firmly`: the failures of the
        account refuse too, where only somebody who has proved half of it can cause any.

        The pair's count rises before the answer is known, so that many tries at the same moment
        do not all pass; a success takes it back.
        """
        place = neighbourhood(address)
        self._refuse_when_full(account, place, firmly)
        trying = Attempt(self._delay(account, place))
        try:
            yield trying
        finally:
            self._settle(account, place, trying.success)

    def _refuse_when_full(self, account: str, place: str, firmly: bool) -> None:
        if (account, place) not in self._familiar:
            asked = [(self._limits.address, place)]
            if firmly:
                asked.append((self._limits.account, account))
            for limit, name in asked:
                if not self._counter.test(limit, name):
                    raise self._refusal(limit, name)
        if not self._counter.hit(self._limits.pair, account, place):
            raise self._refusal(self._limits.pair, account, place)

    def _delay(self, account: str, place: str) -> timedelta:
        if (account, place) in self._familiar:
            return timedelta(0)
        every = self._every
        failures = every.amount - self._counter.get_window_stats(every, account).remaining
        beyond = failures - self._limits.account.amount
        if beyond < 0:
            return timedelta(0)
        doubled = beyond / max(1.0, self._limits.account.amount * _DOUBLES_EVERY)
        return min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(doubled, 10))

    def _settle(self, account: str, place: str, success: bool) -> None:
        if not success:
            self._counter.hit(self._limits.address, place)
            self._counter.hit(self._limits.account, account)
            self._counter.hit(self._every, account)
            return
        self._counter.clear(self._limits.pair, account, place)
        self._familiar[account, place] = None
        self._familiar.move_to_end((account, place))
        while len(self._familiar) > FAMILIAR_PAIRS:
            self._familiar.popitem(last=False)

    def _refusal(self, limit: RateLimitItem, *names: str) -> LimitReached:
        frees_at = self._counter.get_window_stats(limit, *names).reset_time
        wait = timedelta(seconds=max(1, round(frees_at - time.time())))
        return LimitReached("Too many failed attempts. Wait a little and try again.", wait)


def neighbourhood(address: str) -> str:
    """The address, or for IPv6 its /64: one customer of a provider has all of those."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
