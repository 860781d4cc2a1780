"""What people may ask: to have everything about them, and to be erased with a proof."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from crm_store import person_data
from crm_store.models import Contact
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.services import audit
from engine.services.actor import SYSTEM, Actor
from engine.services.privacy import (
    NewRequest,
    decline_request,
    erase_and_certify,
    export_person,
    list_requests,
    open_request,
    request_of,
)
from tests.driving.world import World
from tests.run_care.test_erasing import SECRETS, ada_with_a_past, found_anywhere

MARKETER = Actor("user", 1, "Mia", "marketer")


async def exported(world: World, contact: int) -> tuple[dict[str, list[Any]], str]:
    out = io.BytesIO()
    told = await export_person(world.store.store, SYSTEM, contact, out, world.now)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        files = {
            name.removesuffix(".jsonl"): [
                json.loads(line) for line in archive.read(name).splitlines()
            ]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }
        index = archive.read("index.html").decode()
    assert {kind: len(rows) for kind, rows in files.items()} == told.rows
    return files, index


async def test_a_person_gets_everything_about_them_and_nothing_of_others(world: World) -> None:
    ada = await ada_with_a_past(world)
    async with world.store.store.transaction() as session:
        session.add(Contact(email="cleo@example.com", email_key="cleo@example.com"))
        await audit.record(session, SYSTEM, "edit", "contact", ada + 100, {"email": "cleo@"})
    files, index = await exported(world, ada)
    assert set(files) == set(person_data.KINDS)
    filled = {kind for kind, rows in files.items() if rows}
    assert filled >= {
        *("contact", "names", "merged", "field_history", "consents", "segments", "events"),
        *("orders", "messages", "clicks", "runs", "journal", "asks", "deals", "tickets"),
        *("activities", "audit"),
    }
    said = json.dumps(files, ensure_ascii=False)
    assert all(secret in said for secret in SECRETS.values())
    assert "cleo@" not in said
    assert "Quillfeather" in index
    # a merged number leads to who they are now, and the export itself is written down
    [(lost,)] = await world.rows("SELECT lost_id FROM merged_contact")
    again, _ = await exported(world, lost)
    assert again["contact"] == files["contact"]
    assert [row["verb"] for row in again["audit"]].count("export") == 2


async def test_nothing_typed_by_people_runs_in_the_index(world: World) -> None:
    [ada] = await world.people(1)
    await world.rows(
        "UPDATE contact SET last_name = '<img src=x onerror=alert(1)>', city = 'a\"><script>'"
        " RETURNING 1"
    )
    _, index = await exported(world, ada)
    assert "<img" not in index
    assert "<script" not in index
    assert "&lt;img" in index


async def test_only_those_who_may_get_an_export(world: World) -> None:
    [ada] = await world.people(1)
    with pytest.raises(NotAllowed):
        await export_person(world.store.store, MARKETER, ada, io.BytesIO(), world.now)
    with pytest.raises(NotFound):
        await export_person(world.store.store, SYSTEM, ada + 9, io.BytesIO(), world.now)
    assert await world.rows("SELECT 1 FROM audit WHERE verb = 'export'") == []


async def test_an_erasure_is_proved_and_certified(world: World) -> None:
    ada = await ada_with_a_past(world)
    store, request = world.store.store, NewRequest("erase", ada, note="Adaquilla wrote a letter")
    body = b'{"email": "ada.quillfeather@example.com"}'
    await world.rows(
        "INSERT INTO dead_letter (source, door, code, message, problems, body, digest, received_at,"
        " last_seen_at) VALUES ('web', 'batch', 'x', 'x', '[]', :body, 'd', now(), now())"
        " RETURNING 1",
        body=body,
    )
    # a colleague who has the same address is no trace of the person
    await world.rows("INSERT INTO role (key, label) VALUES ('viewer', 'Viewer') RETURNING 1")
    await world.rows(
        'INSERT INTO "user" (name, name_key, email, email_key, role)'
        " VALUES ('Q', 'q', :email, :email, 'viewer')"
        " RETURNING 1",
        email="ada.quillfeather@example.com",
    )
    async with store.transaction() as session:
        asked = await open_request(session, SYSTEM, request, world.now)
        with pytest.raises(Conflict):
            await open_request(session, SYSTEM, request, world.now)
    with pytest.raises(NotAllowed):
        await erase_and_certify(
            store, MARKETER, ada, now=world.now, zone="UTC", request_id=asked.id
        )
    made = await erase_and_certify(
        store, SYSTEM, ada, now=world.now, zone="UTC", request_id=asked.id
    )
    assert made.found == {"user": 1}
    assert made.runs_ended == 1
    await world.rows('DELETE FROM "user" RETURNING 1')
    assert await found_anywhere(world, [*SECRETS.values(), "quillfeather", "Adaquilla"]) == []
    assert await world.rows("SELECT 1 FROM dead_letter") == []
    async with store.transaction() as session:
        row = await request_of(session, SYSTEM, asked.id)
        assert (row.state, row.done_by, row.note) == ("done", "Cadenza", None)
        assert row.certificate == made.document()
        with pytest.raises(Conflict):
            await decline_request(session, SYSTEM, asked.id, "too late", world.now)
    with pytest.raises(NotFound):
        await exported(world, ada)


async def test_requests_are_due_in_thirty_days_and_listed_by_that(world: World) -> None:
    one, two = await world.people(2)
    async with world.store.store.transaction() as session:
        late = NewRequest("export", one, asked_at=world.now - timedelta(days=40))
        first = await open_request(session, SYSTEM, late, world.now)
        second = await open_request(session, SYSTEM, NewRequest("erase", two), world.now)
        assert second.due_at == world.now + timedelta(days=30)
        assert (first.is_late(world.now), second.is_late(world.now)) == (True, False)
        listed = await list_requests(session, SYSTEM, state="open")
        assert [row.id for row in listed] == [first.id, second.id]
        after = await list_requests(session, SYSTEM, after=(first.due_at, first.id))
        assert [row.id for row in after] == [second.id]
        declined = await decline_request(session, SYSTEM, first.id, "not who they say", world.now)
        assert (declined.state, declined.reason) == ("declined", "not who they say")


async def test_wrong_requests_are_refused_with_every_place(world: World) -> None:
    [ada] = await world.people(1)
    wrong = NewRequest("burn", ada, asked_at=world.now - timedelta(days=900), note="x" * 2_000)
    async with world.store.store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await open_request(session, SYSTEM, wrong, world.now)
        with pytest.raises(NotFound):
            await open_request(session, SYSTEM, NewRequest("export", 999), world.now)
        with pytest.raises(NotAllowed):
            await open_request(session, MARKETER, NewRequest("export", ada), world.now)
    assert {one.place for one in refused.value.problems} == {"/kind", "/asked_at", "/note"}


async def test_every_table_with_a_person_in_it_is_exported(world: World) -> None:
    """A new table with a contact's number in it belongs into the export, or is named here."""
    left_out = {"sending_turn", "digest_item"}
    found = await world.rows(
        "SELECT table_name FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public'"
        " AND table_type = 'BASE TABLE' AND column_name = 'contact_id'"
    )
    said = " ".join(person_data.KINDS.values())
    missing = {row[0] for row in found if f" {row[0]} " not in said.replace('"', " ")} - left_out
    assert missing == set()
