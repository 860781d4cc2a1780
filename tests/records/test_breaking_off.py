"""A file that is fetched only in part is written down all the same."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from crm_store.session import Store
from engine.services.records import Selection
from engine.services.records.exporting import csv_of_selection
from engine.services.views.grids import Moment, usual
from tests.records.conftest import BEN


async def test_who_breaks_a_download_off_is_written_down(people: Store) -> None:
    at = Moment(datetime(2026, 3, 2, tzinfo=UTC), "UTC")
    lines = csv_of_selection(people.transaction, BEN, Selection(usual("contact"), (1, 2)), at)
    head, first = await anext(lines), await anext(lines)
    await lines.aclose()  # type: ignore[attr-defined]  # a generator
    assert head.startswith("id,")
    assert first.startswith("1,")
    async with people.transaction() as session:
        found = await session.execute(
            text("SELECT verb, actor_id FROM audit WHERE verb LIKE '%export'")
        )
    assert [tuple(row) for row in found] == [("begin_export", BEN.id)]
