"""Writing down who was refused what, without letting refusals fill the disk.

Every door has one: the API notes what it answers with 403, the designer and the command line what
leaves a transaction (`noting`), the designer's pages what is shown instead of them besides.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from crm_store.session import Store
from engine.errors import NotAllowed, NotSignedIn
from engine.services.actor import Actor
from engine.services.audit import record
from engine.services.door import door

log = logging.getLogger(__name__)
T = TypeVar("T")

# The same person, refused the same thing, is written down once in so long.
ONCE_IN: Final = timedelta(minutes=10)
# Of everybody together, in a process.
MOST_A_MINUTE: Final = 60
MOST_REMEMBERED: Final = 2_000
LONGEST_WHAT: Final = 200
# What a check did not say by verb and kind.
OTHER: Final = "other"


class _Refused(NamedTuple):
    kind: str
    id: int | None
    what: str


@dataclass(slots=True)
class Refusals:
    """One per process. What is left out is counted, and the count stands in the next row."""

    store: Store
    clock: Callable[[], float] = time.monotonic
    _seen: dict[_Refused, float] = field(default_factory=dict)
    _written: deque[float] = field(default_factory=deque)
    _left_out: int = 0

    async def note(self, actor: Actor, what: str, reason: str) -> bool:
        """Whether a row was written. `what` is an operation, a permission such as `edit:deal`, or
        the pattern of a page's address, never text that somebody made up. Never raises: a refusal
        stays one."""
        what = what[:LONGEST_WHAT]
        if not self._is_new(_Refused(actor.kind, actor.id, what)):
            self._left_out += 1
            return False
        after = {"others_not_listed": self._left_out} if self._left_out else None
        self._left_out = 0
        try:
            async with self.store.transaction() as session:
                await record(session, actor, "refused", "permission", what, after=after, why=reason)
        except (SQLAlchemyError, OSError):
            log.warning("a refusal could not be written down", exc_info=True)
            return False
        return True

    async def note_error(
        self, error: NotAllowed, *, actor: Actor | None = None, what: str = ""
    ) -> bool:
        """The same of what a check raised, once however many doors it leaves by. `actor` and `what`
        are the door's, where it knows better than the check. Who is not signed in is nobody."""
        here = door()
        who = actor or error.who or (here.actor if here else None)
        if error.noted or isinstance(error, NotSignedIn) or not isinstance(who, Actor):
            return False
        error.noted = True
        return await self.note(who, what or error.what or OTHER, error.message)

    @asynccontextmanager
    async def noting(self, work: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
        """`work`, and afterwards, when it is rolled back, what it was refused for."""
        try:
            async with work as given:
                yield given
        except NotAllowed as error:
            await self.note_error(error)
            raise

    def _is_new(self, refused: _Refused) -> bool:
        now = self.clock()
        while self._written and now - self._written[0] > 60:
            self._written.popleft()
        last = self._seen.get(refused)
        if last is not None and now - last < ONCE_IN.total_seconds():
            return False
        if len(self._written) >= MOST_A_MINUTE:
            return False
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[refused] = now
        self._written.append(now)
        return True
