"""When the doors say "later": too much waits for the rules, or the disk is nearly full.

An event that was accepted is never lost, so what cannot be worked off in time is better not
accepted: the sender keeps it and comes back. Both figures are read every few seconds, beside the
requests and never in their way.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_store.event_queue import queue_depth
from crm_store.session import Store
from engine.errors import LimitReached

_log = structlog.get_logger(__name__)

READ_EVERY_SECONDS: Final = 2.0
# Counting takes at most this share of the time.
REST_FACTOR: Final = 20.0
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(minutes=2)
DISK_PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """`most_pending` events may wait for dispatch; `least_free` bytes stay free in `folder`, where
    the database is on this machine."""

    most_pending: int
    least_free: int
    folder: Path


@dataclass(slots=True)
class _Reading:
    at: float = 0.0
    depth: int = 0
    free: int | None = None
    # events a second that dispatch was seen to work off
    drained: float = 0.0


class Pressure:
    """One per process."""

    def __init__(self, store: Store, bounds: Bounds) -> None:
        self._store = store
        self._bounds = bounds
        self._reading = _Reading()
        self._task: asyncio.Task[None] | None = None
        self._next_at = 0.0

    def check(self) -> None:
        """Raises LimitReached with the time after which it is worth coming back."""
        self._look()
        if self._reading.free is not None and self._reading.free < self._bounds.least_free:
            raise LimitReached("The disk is nearly full. Send it again later.", DISK_PAUSE)
        over = self._reading.depth - self._bounds.most_pending
        if over >= 0:
            raise LimitReached(
                "More events wait for the rules than can be worked off soon. Send it again.",
                self._pause(over),
            )

    async def read(self) -> None:
        """Both figures now."""
        before, began = self._reading, time.monotonic()
        free = await asyncio.to_thread(_free, self._bounds.folder)
        try:
            async with self._store.transaction() as session:
                depth = await queue_depth(session, self._bounds.most_pending * 2)
        except SQLAlchemyError as error:
            # the request itself will be told; this is only a figure
            _log.warning("queue depth not read", error=type(error).__name__)
            depth = before.depth
        now = time.monotonic()
        passed = now - before.at
        drained = max(0.0, (before.depth - depth) / passed) if before.at and passed > 0 else 0.0
        self._reading = _Reading(now, depth, free, drained)
        self._next_at = now + max(READ_EVERY_SECONDS, (now - began) * REST_FACTOR)

    def _look(self) -> None:
        if time.monotonic() < self._next_at or (self._task and not self._task.done()):
            return
        self._next_at = time.monotonic() + READ_EVERY_SECONDS
        self._task = asyncio.create_task(self.read())

    def _pause(self, over: int) -> timedelta:
        """As long as what is too much takes at the pace that was seen."""
        if self._reading.drained <= 0:
            return timedelta(seconds=10)
        return min(max(timedelta(seconds=over / self._reading.drained), SHORTEST), LONGEST)


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
