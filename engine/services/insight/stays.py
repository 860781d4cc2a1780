"""How long deals stay on a stage, as the database measured it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import Chosen
from crm_store.insight.stages import By, StayRow, stays
from engine.measuring.durations import FRACTIONS, Durations


@dataclass(frozen=True, slots=True)
class Stay:
    """Stays that ended: by the clock, and of those whose working time is known by working time."""

    wall: Durations
    working: Durations


NOBODY_STAYED = Stay(Durations(), Durations())


async def measured_stays(
    session: AsyncSession, chosen: Chosen, by: By = "stage"
) -> Mapping[tuple[int, int | None], Stay]:
    """By stage, and by whose deals they were when that is asked for."""
    found = await stays(session, chosen, FRACTIONS, by)
    return {(row.stage_id, row.who): _stay(row) for row in found}


def _stay(row: StayRow) -> Stay:
    return Stay(
        Durations(row.stays, row.seconds, tuple(row.points)),
        Durations(row.working, row.working_seconds, tuple(row.working_points or ())),
    )
