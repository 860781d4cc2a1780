"""A file of events is read whole, or refused with every mistake by line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_store.models import Contact
from crm_store.session import Store
from engine.errors import NotFound, Refused
from engine.services.simulating import read_lines
from engine.services.simulating.event_file import occurrences_of

GOOD = '{"at": "2026-03-02T09:00:00+01:00", "email": "Ada@Example.com", "event": "Signed Up"}'
BAD = (
    "not json",
    "[1]",
    '{"at": "2026-03-02", "email": "a@b.c", "event": "X"}',
    '{"at": "soon", "email": "a@b.c", "event": "X"}',
    '{"at": "2026-03-02T09:00:00Z", "event": "X"}',
    '{"at": "2026-03-02T09:00:00Z", "email": "a@b.c", "event": ""}',
    '{"at": "2026-03-02T09:00:00Z", "email": "a@b.c", "event": "X", "properties": 7}',
    '{"at": "2026-03-02T09:00:00Z", "email": "a@b.c", "event": "X", "prperties": {}}',
    '{"at": "2026-03-02T09:00:00Z", "contact": true, "event": "X"}',
)


def test_every_mistake_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join([GOOD, "", *BAD]))
    with pytest.raises(Refused) as caught:
        read_lines(path)
    places = [problem.place for problem in caught.value.problems]
    assert places == [f"events.jsonl:{number}" for number in range(3, 3 + len(BAD))]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        read_lines(tmp_path / "nowhere.jsonl")


async def test_events_find_their_contact_however_the_address_is_spelled(
    store: Store, tmp_path: Path
) -> None:
    async with store.transaction() as session:
        ada = Contact(email="ada@example.com", email_key="ada@example.com")
        session.add(ada)
        await session.flush()
        path = tmp_path / "events.jsonl"
        by_number = f'{{"at": "2026-03-03T09:00:00Z", "contact": {ada.id}, "event": "Left"}}'
        path.write_text(f"{GOOD}\n{GOOD.replace('Ada', 'Cleo')}\n{by_number}\n")
        found = await occurrences_of(session, read_lines(path))
    assert [(one.at, one.person_id, one.name) for one in found] == [
        (datetime(2026, 3, 2, 8, 0, tzinfo=UTC), ada.id, "Signed Up"),
        (datetime(2026, 3, 3, 9, 0, tzinfo=UTC), ada.id, "Left"),
    ]
