"""The ticks: Temporal Schedules in UTC that start our own looks.

What people wrote as a schedule is never given to Temporal, which at a clock change fires twice or
not at all. It only ticks; what is due, in whose zone, is worked out by `engine.dates`.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError

from engine.workflows.birthday_care import BirthdayCare
from engine.workflows.client import TASK_QUEUE
from engine.workflows.shared import DUE_DATES_SCHEDULE, DueDatesInput

# A tick that Temporal itself was too late for is not worth more: our rows know what was missed.
CATCH_UP = timedelta(hours=1)

log = structlog.get_logger(__name__)


async def ensure_schedules(
    client: Client, *, prefix: str = "", task_queue: str = TASK_QUEUE, tick_seconds: float = 900
) -> None:
    """Make the schedules, or bring them up to date; one that somebody paused stays paused."""
    line = DueDatesInput(tick_seconds)
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(
            BirthdayCare.run, line, id=prefix + DUE_DATES_SCHEDULE, task_queue=task_queue
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=tick_seconds))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
    name = prefix + DUE_DATES_SCHEDULE
    try:
        await client.create_schedule(name, wanted)
    except ScheduleAlreadyRunningError:

        def renewed(known: ScheduleUpdateInput) -> ScheduleUpdate:
            wanted.state = known.description.schedule.state
            return ScheduleUpdate(wanted)

        try:
            await client.get_schedule_handle(name).update(renewed)
        except RPCError as error:
            # another worker that starts just now says the same
            log.warning("schedule_not_renewed", schedule=name, status=error.status.name)
