"""Ticks of a real Temporal: a look comes by itself, and birthdays with it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from crm_store.session import Store
from engine.workflows.schedules import ensure_schedules
from engine.workflows.shared import DUE_DATES_SCHEDULE
from tests.due_dates.looks import BIRTHDAY, begin
from tests.workflows.working import eventually, working

# Ahead of every real clock, so that nothing falls due while a tick is at work.
EVE = datetime(2037, 3, 9, 12, tzinfo=UTC)
MORNING = datetime(2037, 3, 10, 9, tzinfo=UTC)


async def test_a_tick_arrives_and_lets_people_in(store: Store, temporal_address: str) -> None:
    async with working(store, temporal_address, standing_still=True) as at_work:
        world, pokes = at_work.world, at_work.pokes
        await world.people(2, birthday=date(1990, 3, 10), time_zone="UTC")
        await begin(world, BIRTHDAY, EVE)
        for _ in range(2):  # every start of a worker says it again
            await ensure_schedules(
                at_work.client, prefix=pokes.prefix, task_queue=pokes.task_queue, tick_seconds=1
            )
        schedule = at_work.client.get_schedule_handle(pokes.prefix + DUE_DATES_SCHEDULE)
        try:

            async def looked() -> bool:
                return bool(
                    await world.rows("SELECT 1 FROM date_watch WHERE looked_until = :at", at=EVE)
                )

            # published at that very moment: there is nothing to look back at
            assert (await schedule.describe()).schedule.policy.overlap.name == "SKIP"
            await eventually(looked, "a tick has looked")
            world.now = MORNING

            async def asked() -> bool:
                return len(await world.rows("SELECT 1 FROM activity WHERE kind = 'task'")) == 2

            # not until their runs end: drivers wait by the real clock, which is years behind
            await eventually(asked, "both were let in and somebody is asked to call them")
            assert (await schedule.describe()).info.num_actions >= 1
        finally:
            await schedule.delete()
