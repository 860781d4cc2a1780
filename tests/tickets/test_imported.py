"""Tickets that come with a file: their clocks begin with it, and nothing is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import event

from engine.services.actor import SYSTEM
from engine.services.imports import ImportOrder, import_file, parse_mapping
from tests.tickets.service_desk import Desk

MAPPING = """
as: tickets
fields:
  external_id: id
  subject: subject
  contact: {column: contact, by: email}
  status: status
  opened_at: {column: opened, format: "%Y-%m-%d"}
  solved_at: {column: solved, format: "%Y-%m-%d"}
"""
HEAD = "id,subject,contact,status,opened,solved\n"
HOUR = timedelta(hours=1)


async def imported(desk: Desk, folder: Path, lines: str) -> None:
    path = folder / "tickets.csv"
    path.write_text(HEAD + lines, encoding="utf-8")
    order = ImportOrder(path, "tickets", parse_mapping(MAPPING, name="map.yaml"))
    report = await import_file(desk.store, SYSTEM, order, desk.clock.now)
    assert not report.first_problems


async def test_clocks_start_with_the_import_and_stand_still_where_the_customer_must_answer(
    desk: Desk, tmp_path: Path
) -> None:
    line = "{0},It fails,ada@example.com,{0},2020-01-01,{1}\n"
    solved = {"solved": "2020-01-02", "closed": "2020-01-02"}
    statuses = ("new", "pending", "solved", "closed")
    text = "".join(line.format(one, solved.get(one, "")) for one in statuses)
    await imported(desk, tmp_path, text)
    found = await desk.rows(
        "SELECT t.external_id, c.due_at FROM ticket t JOIN clock c ON c.entity_id = t.id"
        " WHERE c.kind = 'ticket' ORDER BY t.id"
    )
    # three quarters of the four hours in which a normal ticket is answered
    assert [tuple(row) for row in found] == [
        ("new", desk.clock.now() + 3 * HOUR),
        ("pending", None),
    ]
    await desk.later(hours=5)
    events = await desk.events()
    assert events == ["Ticket Breached"]


async def test_a_file_that_answers_a_ticket_stops_its_clocks(desk: Desk, tmp_path: Path) -> None:
    line = "a,It fails,ada@example.com,{},2020-01-01,\n"
    await imported(desk, tmp_path, line.format("open"))
    desk.clock.advance(HOUR)
    await imported(desk, tmp_path, line.format("pending"))
    assert await desk.due(1) is None
    await desk.later(days=9)
    assert await desk.events() == []
    await imported(desk, tmp_path, line.format("open"))
    assert await desk.due(1) == desk.clock.now() + 2 * HOUR


async def test_many_cost_no_statement_each(desk: Desk, tmp_path: Path) -> None:
    counted: list[str] = []
    engine = desk.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    lines = (f"t{n},Number {n},ada@example.com,open,2020-01-01,\n" for n in range(300))
    await imported(desk, tmp_path, "".join(lines))
    assert (await desk.rows("SELECT count(*) FROM clock"))[0][0] == 300
    assert len(counted) < 120
