"""Writing down who failed to sign in, without letting strangers fill the audit.

Failures are counted in memory while somebody waits for the answer, and written down afterwards, so
that the answer takes as long for an account that is there as for one that is not. One row stands
for all failures of an account within a minute, and for all tries at accounts that nobody has from
one network. What was typed, address and password, is kept nowhere.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy.exc import SQLAlchemyError

from crm_store.session import Store
from engine.services.actor import Actor
from engine.services.audit import Line, record_all
from engine.services.door import through

Failure = Literal[
    "wrong_password",
    "unknown_account",
    "wrong_code",
    "wrong_present_password",
    "single_sign_on",
    "too_many",
]
VERB: Final = "fail_to_sign_in"
# Who it was is what nobody knows.
SOMEBODY: Final = Actor("system", None, "Somebody")
ROW_EVERY: Final = timedelta(minutes=1)
# Of everybody together, in a process; the others wait for their turn.
MOST_A_MINUTE: Final = 60
# Beyond these, what is new is counted in the next row.
MOST_WAITING: Final = 2_000
MOST_NETWORKS: Final = 5
MOST_ACCOUNTS: Final = 1_000

_Of = tuple[Literal["user", "network"], str]


@dataclass(slots=True)
class _Folded:
    """Failures of one account, or from one network. `accounts` are hashes, only to be counted."""

    times: int = 0
    how: dict[str, int] = field(default_factory=dict)
    networks: list[str] = field(default_factory=list)
    accounts: set[bytes] = field(default_factory=set)

    def add(self, how: Failure, network: str, account: bytes | None) -> None:
        self.times += 1
        self.how[how] = self.how.get(how, 0) + 1
        if network not in self.networks and len(self.networks) < MOST_NETWORKS:
            self.networks.append(network)
        if account is not None and len(self.accounts) < MOST_ACCOUNTS:
            self.accounts.add(account)


@dataclass(slots=True)
class FailedSignIns:
    """One per process."""

    clock: Callable[[], float] = time.monotonic
    # makes the hashes of what was typed worth nothing outside of this process
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _waiting: dict[_Of, _Folded] = field(default_factory=dict)
    _written: dict[_Of, float] = field(default_factory=dict)
    _lately: deque[float] = field(default_factory=deque)
    _left_out: int = 0

    @property
    def waits(self) -> bool:
        """Whether something is to be written, now or within a minute."""
        return bool(self._waiting)

    def count(
        self, how: Failure, network: str, *, user_id: int | None = None, typed: str = ""
    ) -> None:
        """`user_id` None: nobody is known; what was `typed` tells how many accounts were tried."""
        of: _Of = ("network", network) if user_id is None else ("user", str(user_id))
        folded = self._waiting.get(of)
        if folded is None:
            if len(self._waiting) >= MOST_WAITING:
                self._left_out += 1
                return
            folded = self._waiting[of] = _Folded()
        folded.add(how, network, self._hash(typed) if user_id is None and typed else None)

    async def write(self, store: Store) -> int:
        """Add the rows that are due, and say how many. Raises what the database raises; then what
        was to be written is counted in the next row."""
        taken = self._take_due(self.clock())
        if not taken:
            return 0
        left_out, self._left_out = self._left_out, 0
        lines = [_line(of, folded) for of, folded in taken.items()]
        if left_out:
            lines[0] = _and_others(lines[0], left_out)
        try:
            with through("page"):
                async with store.transaction() as session:
                    await record_all(session, lines)
        except (SQLAlchemyError, OSError):
            self._left_out += left_out + sum(folded.times for folded in taken.values())
            raise
        return len(lines)

    def _take_due(self, now: float) -> dict[_Of, _Folded]:
        span = ROW_EVERY.total_seconds()
        self._written = {of: at for of, at in self._written.items() if now - at < span}
        while self._lately and now - self._lately[0] >= span:
            self._lately.popleft()
        due = [of for of in self._waiting if of not in self._written]
        taken = {}
        for of in due[: MOST_A_MINUTE - len(self._lately)]:
            taken[of] = self._waiting.pop(of)
            self._written[of] = now
            self._lately.append(now)
        return taken

    def _hash(self, typed: str) -> bytes:
        plain = typed.encode("utf-8", "replace")
        return hashlib.blake2b(plain, key=self._salt, digest_size=16).digest()


def _line(of: _Of, folded: _Folded) -> Line:
    kind, number = of
    after: dict[str, Any] = {"times": folded.times, "how": dict(folded.how)}
    if kind == "user":
        after["networks"] = list(folded.networks)
    elif folded.accounts:
        after["accounts"] = len(folded.accounts)
    return Line(SOMEBODY, VERB, kind, number, after=after)


def _and_others(line: Line, left_out: int) -> Line:
    return line._replace(after={**(line.after or {}), "others_not_listed": left_out})
