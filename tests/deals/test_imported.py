"""Deals that come with a file: anywhere, with history and clocks and without a sound."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from engine.services.actor import SYSTEM
from engine.services.imports import ImportOrder, ImportReport, import_file, parse_mapping
from tests.deals.house import House

MAPPING = """
as: deals
fields:
  external_id: id
  name: name
  stage: stage
  opened_at: {column: opened, format: "%Y-%m-%d"}
  amount: amount
  currency: {value: EUR}
"""
CLOCKED = """
pipeline: sales
stages:
  - key: talk
    probability: 10
    sla: [{after: 1d, then: [{do: notify}]}]
    on_enter: [{do: create_task, title: Hello}]
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""


async def imported(house: House, folder: Path, text: str) -> ImportReport:
    path = folder / "deals.csv"
    path.write_text(text, encoding="utf-8")
    order = ImportOrder(path, "deals", parse_mapping(MAPPING, name="map.yaml"))
    return await import_file(house.store, SYSTEM, order, lambda: house.now)


async def test_open_deals_get_clocks_from_now_on_and_history_from_the_file(
    bare: House, tmp_path: Path
) -> None:
    await bare.publish(CLOCKED)
    text = "id,name,stage,opened,amount\na,Looms,talk,2025-01-10,5\nb,Mills,won,2025-02-01,7\n"
    report = await imported(bare, tmp_path, text)
    assert not report.first_problems
    assert await bare.rows(
        "SELECT d.external_id, s.key, v.via, v.entered_at, v.left_at FROM stage_visit v"
        " JOIN deal d ON d.id = v.deal_id JOIN stage s ON s.id = v.stage_id"
        " WHERE s.key = 'talk'"
    ) == [("a", "talk", "import", datetime(2025, 1, 10, tzinfo=UTC), None)]
    # one working day after the import, not after an entry that is a year ago
    assert await bare.rows("SELECT kind, due_at FROM clock") == [
        ("deal", datetime(2026, 3, 2, 16, tzinfo=UTC))
    ]
    assert await bare.one("SELECT count(*) FROM activity") == 0
    assert await bare.one("SELECT count(*) FROM event") == 0


async def test_a_file_that_moves_a_deal_writes_its_history_and_ends_its_clock(
    bare: House, tmp_path: Path
) -> None:
    await bare.publish(CLOCKED)
    head = "id,name,stage,opened,amount\n"
    await imported(bare, tmp_path, head + "a,Looms,talk,2026-01-10,5\n")
    bare.later(days=1)
    await imported(bare, tmp_path, head + "a,Looms,won,2026-01-10,5\n")
    await imported(bare, tmp_path, head + "a,Looms,won,2026-01-10,5\n")
    assert await bare.rows(
        "SELECT s.key, v.via, v.left_at IS NULL FROM stage_visit v"
        " JOIN stage s ON s.id = v.stage_id ORDER BY v.id"
    ) == [("talk", "import", False), ("won", "import", True)]
    assert await bare.rows("SELECT * FROM clock") == []
    assert await bare.rows("SELECT * FROM deal_stay") == []


async def test_clocks_can_count_from_when_the_file_says_they_entered(
    bare: House, tmp_path: Path
) -> None:
    await bare.publish(CLOCKED + "imported_clocks: since_entry\n")
    await imported(bare, tmp_path, "id,name,stage,opened,amount\na,Looms,talk,2026-01-10,5\n")
    assert await bare.one("SELECT due_at < :now FROM clock", now=bare.now)


async def test_many_cost_no_statement_each(bare: House, tmp_path: Path) -> None:
    await bare.publish(CLOCKED)
    counted: list[str] = []
    engine = bare.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    lines = "".join(f"d{n},Deal {n},talk,2026-01-10,{n}\n" for n in range(300))
    await imported(bare, tmp_path, "id,name,stage,opened,amount\n" + lines)
    assert await bare.one("SELECT count(*) FROM clock") == 300
    assert len(counted) < 120
