"""What is erased is found however it was spelled, and in what was made of it."""

from __future__ import annotations

import io
import json
from urllib.parse import urlencode

import pytest

from crm_store.erasing import MOST_OF_OTHERS
from crm_store.spellings import in_bytes
from engine.errors import NotAllowed
from engine.services import audit
from engine.services.actor import SYSTEM, Actor, Grants
from engine.services.privacy import erase_and_certify, export_person
from tests.driving.world import World

NAME = {"first_name": "小明", "last_name": "王"}
EMAIL = "ming.o'hara+vip@example.com"
LETTERS = (
    json.dumps({"name": "王小明"}).encode(),
    json.dumps({"name": "王小明"}, ensure_ascii=False).encode(),
    urlencode({"name": "王小明"}).encode(),
    urlencode({"x": f"1 {EMAIL}"}).encode(),
    json.dumps({"email": f"\n{EMAIL}"}).encode(),
    b'\xff{"email": "' + EMAIL.upper().encode(),
)
OTHERS = (
    b'{"name": "\\u738b\\u5c0f\\u7ea2"}',
    b'{"email": "xming.o\'hara+vip@example.com"}',
    urlencode({"x": f"1a{EMAIL}"}).encode(),
)


async def ming(world: World) -> int:
    [contact] = await world.people(1)
    await world.rows(
        "UPDATE contact SET first_name = :first_name, last_name = :last_name, email = :email,"
        " email_key = :email WHERE id = :id RETURNING 1",
        id=contact,
        email=EMAIL,
        **NAME,
    )
    return contact


async def letter(world: World, number: int, body: bytes) -> None:
    await world.rows(
        "INSERT INTO dead_letter (source, door, code, message, problems, body, digest, received_at,"
        " last_seen_at) VALUES ('web', 'batch', 'x', 'x', '[]', :body, :digest, now(), now())"
        " RETURNING 1",
        body=body,
        digest=str(number),
    )


async def test_letters_in_every_spelling_go_and_those_of_others_stay(world: World) -> None:
    contact = await ming(world)
    for number, body in enumerate((*LETTERS, *OTHERS)):
        await letter(world, number, body)
    made = await erase_and_certify(world.store.store, SYSTEM, contact, now=world.now, zone="UTC")
    assert made.found == {}
    left = {bytes(row[0]) for row in await world.rows("SELECT body FROM dead_letter")}
    assert left == set(OTHERS)


async def test_what_an_import_could_not_take_goes_too(world: World) -> None:
    contact = await ming(world)
    await world.rows("INSERT INTO role (key, label) VALUES ('viewer', 'Viewer') RETURNING 1")
    await world.rows(
        'INSERT INTO "user" (id, name, name_key, role) OVERRIDING SYSTEM VALUE'
        " VALUES (77, 'Q', 'q', 'viewer') RETURNING 1"
    )
    await world.rows(
        "INSERT INTO api_key (id, prefix, name, user_id, scopes, secret_hash) OVERRIDING SYSTEM"
        " VALUE VALUES (77, 'p', 'k', 77, '{}', 'h') RETURNING 1"
    )
    for number, state in enumerate(("done", "done", "running"), 1):
        await world.rows(
            "INSERT INTO job (id, kind, state, user_id, key_id, given) OVERRIDING SYSTEM VALUE"
            " VALUES (:id, 'import', :state, 77, 77, '{\"kind\": \"contacts\"}') RETURNING 1",
            id=number,
            state=state,
        )
        said = "Ada,ada@example.com" if number == 2 else f"王小明,{EMAIL}"
        await world.rows(
            "INSERT INTO job_file (job_id, name, content) VALUES (:id, 'rejected', :content)"
            " RETURNING 1",
            id=number,
            content=said.encode(),
        )
    made = await erase_and_certify(world.store.store, SYSTEM, contact, now=world.now, zone="UTC")
    # one that is under way goes on, and the certificate says that it does
    assert made.found == {"job_file": 1}
    left = await world.rows("SELECT job_id FROM job_file ORDER BY 1")
    assert [row[0] for row in left] == [2, 3]


async def test_the_audit_of_their_activities_is_cleared(world: World) -> None:
    contact, other = await world.people(2)
    numbers = {}
    for whose in (contact, other):
        [[numbers[whose]]] = await world.rows(
            "INSERT INTO activity (kind, subject, contact_id) VALUES ('note', 'Call', :id)"
            " RETURNING id",
            id=whose,
        )
    async with world.store.store.transaction() as session:
        for whose in (contact, other):
            said = {"body": f"has three children, says {whose}"}
            await audit.record(session, SYSTEM, "edit", "activity", numbers[whose], said, said)
    await erase_and_certify(world.store.store, SYSTEM, contact, now=world.now, zone="UTC")
    kept = await world.rows(
        "SELECT subject_id, before FROM audit WHERE subject_kind = 'activity' ORDER BY id"
    )
    assert [(row[0], row[1] is None) for row in kept] == [
        (str(numbers[contact]), True),
        (str(numbers[other]), False),
    ]


async def test_who_is_not_shown_all_of_somebody_gets_no_archive_of_them(world: World) -> None:
    [ada] = await world.people(1)
    allow = frozenset({("read", "privacy"), ("read", "contact")})
    grants = Grants(allow, hidden=frozenset({"contact.phone"}))  # type: ignore[arg-type]
    for hidden, refused in ((grants, True), (Grants(grants.allow), False)):
        actor = Actor("user", 1, "Mia", "privacy_desk", grants=hidden)
        out = io.BytesIO()
        if refused:
            with pytest.raises(NotAllowed, match="phone"):
                await export_person(world.store.store, actor, ada, out, world.now)
        else:
            await export_person(world.store.store, actor, ada, out, world.now)


async def test_who_calls_themselves_like_an_event_takes_nobody_along(world: World) -> None:
    contact, other = await world.people(2)
    await world.rows(
        "UPDATE contact SET first_name = 'Order', last_name = 'Completed', external_id = 'label'"
        " WHERE id = :id RETURNING 1",
        id=contact,
    )
    for number in range(MOST_OF_OTHERS + 1):
        await letter(world, number, b'{"event": "Order Completed", "userId": "%d"}' % number)
    said = {"label": "Reps", "after": "Order Completed"}
    async with world.store.store.transaction() as session:
        for kind in ("role", "user", "api_key"):
            await audit.record(session, SYSTEM, "edit", kind, 7, said, said)
        for number in range(MOST_OF_OTHERS + 1):
            await audit.record(session, SYSTEM, "edit", "segment", number, said, said)
    made = await erase_and_certify(world.store.store, SYSTEM, contact, now=world.now, zone="UTC")
    # they are left, and named to be looked at
    found = {"dead_letter": MOST_OF_OTHERS + 1, "audit": MOST_OF_OTHERS + 4}
    assert {table: (made.found or {}).get(table) for table in found} == found
    cleared = await world.rows("SELECT count(*) FROM audit WHERE before IS NULL AND verb = 'edit'")
    assert cleared == [(0,)]
    assert await world.rows("SELECT id FROM contact ORDER BY 1") == [(other,)]


def test_nothing_to_look_for_finds_nothing() -> None:
    assert in_bytes([]) is None
