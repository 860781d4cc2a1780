"""One look is at every flow: what is wrong with one of them is its own affair."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from temporalio.testing import ActivityEnvironment

from engine.activities import due_dates
from engine.activities.due_dates import DueDateActivities
from engine.services.due_dates.sweeping import Swept, sweep_page
from engine.workflows.shared import DueDatesInput
from tests.driving.world import World
from tests.due_dates.looks import BIRTHDAY, at, begin

FLOWS = ("first", "second")


async def look(
    world: World, monkeypatch: pytest.MonkeyPatch, error: DBAPIError
) -> list[tuple[str, int]]:
    """A look while the database refuses everything about the first flow; runs by flow."""
    await world.people(2, birthday=date(1990, 3, 10), time_zone="UTC")
    for name in FLOWS:
        await begin(world, BIRTHDAY.replace("flow: birthday", f"flow: {name}"), at("2026-03-09T12"))
    [(poisoned,)] = await world.rows("SELECT id FROM flow WHERE name = 'first'")

    async def page(*given: Any, **named: Any) -> Swept:
        if named["flow_id"] == poisoned:
            raise error
        return await sweep_page(*given, **named)

    monkeypatch.setattr(due_dates, "sweep_page", page)
    world.now = at("2026-03-10T09:00")
    await ActivityEnvironment().run(DueDateActivities(world.parts).look, DueDatesInput())
    rows = await world.rows(
        "SELECT f.name, count(*) FROM run r JOIN flow f ON f.id = r.flow_id GROUP BY 1"
    )
    return [(row[0], row[1]) for row in rows]


async def test_a_flow_whose_data_cannot_be_read_does_not_stop_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = DataError("SELECT", {}, Exception("out of range"))
    assert await look(world, monkeypatch, error) == [("second", 2)]


async def test_without_a_database_the_look_is_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OperationalError):
        await look(world, monkeypatch, OperationalError("SELECT", {}, Exception("gone")))
