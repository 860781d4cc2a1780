"""The care for birthdays, anniversaries, renewals and schedules: a look at every tick."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from engine.workflows.driver import RETRIES
from engine.workflows.shared import LOOK_AT_DATES, DueDatesInput, Progress

# Of a tick that comes while we are still running, nothing is heard. So close to it we stay.
MARGIN_SECONDS = 5
# Two clocks that differ must not make us look without a pause.
SHORTEST_WAIT_SECONDS = 1


@workflow.defn(name="birthday_care")
class BirthdayCare:
    """Started by each tick of the schedule `due-dates`, and as `birthday-care` when a flow with
    dates is published or resumed; ends before the next tick.

    It looks at once, and again at each time before the next tick at which something falls due. The
    times are worked out by ourselves, from rows that say how far each flow has looked: a tick that
    comes late, twice or not at all costs nobody their birthday. Signal `poke` to look at once.
    """

    def __init__(self) -> None:
        self._poked = False

    @workflow.signal
    def poke(self, _due: float | None = None) -> None:
        self._poked = True

    @workflow.run
    async def run(self, line: DueDatesInput) -> None:
        while True:
            self._poked = False
            progress: Progress = await workflow.execute_activity(
                LOOK_AT_DATES,
                line,
                result_type=Progress,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RETRIES,
            )
            if progress.again:
                if workflow.info().is_continue_as_new_suggested():
                    workflow.continue_as_new(line)
                continue
            if not await self._wait(progress.next_due, line.tick_seconds):
                return

    async def _wait(self, next_due: float | None, tick_seconds: float) -> bool:
        """Until something is due or somebody pokes; whether that comes before the next tick."""
        now = workflow.time()
        next_tick = (now + MARGIN_SECONDS) // tick_seconds * tick_seconds + tick_seconds
        if next_due is None or next_due >= next_tick:
            return self._poked
        try:
            await workflow.wait_condition(
                lambda: self._poked,
                timeout=timedelta(seconds=max(next_due - now, SHORTEST_WAIT_SECONDS)),
            )
        except TimeoutError:
            return True
        return True
