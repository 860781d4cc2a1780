"""Views that reports count on, and files of them."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_store import bi
from crm_store.session import Store
from engine.errors import NotAllowed
from engine.services.actor import SYSTEM, Actor
from engine.services.bi.parquet import export_views
from tests.driving.test_driving import WELCOME
from tests.driving.world import CrashingStore, RememberingChannel, World

# What reports elsewhere may count on: names may be added here, and never taken away.
PROMISED = {
    "bi_contacts": {"contact_id", "created_at", "lifecycle_stage", "country", "score", "owner_id"},
    "bi_deals": {"deal_id", "pipeline", "stage", "amount_minor", "currency", "amount_base_minor"},
    "bi_orders": {"order_id", "contact_id", "placed_at", "total_minor", "currency"},
    "bi_messages": {"message_id", "flow", "node", "contact_id", "state", "opened_at", "clicked_at"},
    "bi_runs": {"run_id", "flow", "flow_version", "subject_id", "state", "outcome"},
    "bi_events": {"event_id", "contact_id", "name", "occurred_at"},
    "bi_stage_visits": {"deal_id", "stage", "entered_at", "left_at", "working_seconds"},
}
SENSITIVE = {
    *("email", "phone", "first_name", "last_name", "address", "subject", "body", "title"),
    *("properties", "custom", "birthday", "external_id", "memo", "amount"),
}


async def test_views_show_no_names_addresses_or_texts(store: Store) -> None:
    async with store.transaction() as session:
        for view in bi.VIEWS:
            columns = {name for name, _ in await bi.columns_of(session, view)}
            assert columns, view
            assert not columns & SENSITIVE, view
            assert PROMISED.get(view, set()) <= columns, view


async def test_files_have_the_rows_with_money_and_times_exact(store: Store, tmp_path: Path) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(WELCOME)
    people = await world.people(3)
    for person in people:
        await world.event(person, "Signed Up")
    await world.until_quiet("welcome_test")
    await world.rows(
        'INSERT INTO "order" (contact_id, external_id, placed_at, total_minor, currency)'
        " VALUES (:id, 'secret-order-id', :at, 9007199254740993, 'JPY') RETURNING 1",
        id=people[0],
        at=world.now,
    )
    done = await export_views(store, SYSTEM, tmp_path, world.now)
    assert set(done.rows) == set(bi.VIEWS)
    assert (done.rows["bi_contacts"], done.rows["bi_messages"]) == (3, 3)
    orders = pq.read_table(tmp_path / "bi_orders.parquet")
    assert orders.schema.field("placed_at").type == pa.timestamp("us", tz="UTC")
    [row] = orders.to_pylist()
    assert (row["total_minor"], row["currency"]) == (9007199254740993, "JPY")
    assert row["placed_at"].astimezone(UTC) == world.now
    assert pq.read_table(tmp_path / "bi_approvals.parquet").num_rows == 0
    index = json.loads((tmp_path / "index.json").read_text())
    assert index["version"] == bi.VERSION
    assert index["views"]["bi_runs"]["rows"] == 3
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"person0@example.com" not in written
    # again, over the files of before, and with names
    again = await export_views(store, SYSTEM, tmp_path, world.now, personal=True)
    assert again.rows["bi_contact_details"] == 3
    details = pq.read_table(tmp_path / "bi_contact_details.parquet").to_pylist()
    assert {row["email"] for row in details} == {f"person{n}@example.com" for n in range(3)}
    with pytest.raises(NotAllowed):
        viewer = Actor("user", 1, "Vera", "viewer")
        await export_views(store, viewer, tmp_path, world.now)
