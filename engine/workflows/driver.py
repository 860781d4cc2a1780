"""The loop that every driver shares: work while there is work, then sleep until some is due.

A driver moves thousands of rows with a handful of history events: an activity does a batch in one
transaction, a full batch goes again at once, and otherwise the driver waits for the nearest due
time or a poke. It keeps no state but the time, so continuing as new loses nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.common import RetryPolicy

from engine.workflows.shared import Progress

# Rows may be locked by somebody else for a moment: looking again sooner would only spin.
SHORTEST_SLEEP_SECONDS = 0.05
# Temporal refuses the 10,001st signal of one run (limit.numSignalsPerExecution); stay far below.
MOST_SIGNALS = 2_000

RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=10),
)

Work = Callable[[], Awaitable[Progress]]


class Driver:
    """Signal `poke` with the time work is due (seconds since the epoch), or None for now."""

    def __init__(self) -> None:
        self._poked = False
        self._wake_at: float | None = None
        self._signals = 0

    @workflow.signal
    def poke(self, due: float | None = None) -> None:
        self._signals += 1
        if due is None:
            self._poked = True
        elif self._wake_at is None or due < self._wake_at:
            self._wake_at = due

    async def drive(
        self, work: Work, *, idle_seconds: float, ends_after_empty: int | None = None
    ) -> None:
        """Loop until history is long enough to continue as new, or nothing is left to wait for.

        Nothing is left when so many looks in a row, an idle time apart, found nobody, and nobody
        poked: a poke for a far time is not worth looking at once, nor is it to be slept over.
        """
        empty = 0
        while True:
            self._poked = False
            self._wake_at = None
            heard = self._signals
            progress = await work()
            if not progress.again:
                await self._sleep(progress.next_due, idle_seconds)
            is_empty = not progress.again and progress.next_due is None and self._signals == heard
            empty = empty + 1 if is_empty else 0
            if self._is_long() or (ends_after_empty is not None and empty >= ends_after_empty):
                return

    def is_to_continue(self) -> bool:
        """Whether `drive` ended because its history is long, with work still to come."""
        return self._is_long()

    def _is_long(self) -> bool:
        return workflow.info().is_continue_as_new_suggested() or self._signals >= MOST_SIGNALS

    async def _sleep(self, next_due: float | None, idle_seconds: float) -> None:
        """Sleep until the nearest due time, a poke, or the idle limit."""
        if next_due is not None and (self._wake_at is None or next_due < self._wake_at):
            self._wake_at = next_due
        latest = workflow.time() + idle_seconds
        while not self._poked:
            wake_at = latest if self._wake_at is None else min(self._wake_at, latest)
            seconds = max(wake_at - workflow.time(), SHORTEST_SLEEP_SECONDS)
            try:
                await workflow.wait_condition(
                    partial(self._heard_more_than, self._signals),
                    timeout=timedelta(seconds=seconds),
                )
            except TimeoutError:
                return

    def _heard_more_than(self, signals: int) -> bool:
        return self._poked or self._signals > signals
