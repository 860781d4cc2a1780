"""What is refused is kept with its reason, and can be mended and taken after all, once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from engine.errors import Conflict, NotAllowed, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.dead_letters import (
    Letter,
    LetterBox,
    count_letters,
    drop_letters,
    keeping,
    list_letters,
)
from engine.services.dead_letters.replaying import Replaying
from engine.services.events import Intake
from engine.services.hooks import NewSource, add_source, set_mapping
from engine.services.secrets import box_of
from engine.services.write_keys import create_write_key
from tests.api.conftest import SECRET, Parts

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
BOX = box_of({}, [SECRET])


@pytest.fixture
def replaying(parts: Parts) -> Replaying:
    return Replaying(parts.store, Intake(parts.store, 4), 32_768)


async def waiting(parts: Parts) -> Any:
    async with parts.store.transaction() as session:
        return (await list_letters(session, SYSTEM)).letters


async def test_a_refused_call_waits_with_its_reason_and_is_mended(
    website: httpx2.AsyncClient, parts: Parts, replaying: Replaying, rows: Rows
) -> None:
    bad = {"type": "track", "event": "Signed Up", "messageId": "m1"}
    for _ in range(2):
        await website.post("/v1/batch", json={"batch": [bad, {"type": "dance"}]})
    mendable, odd = sorted(await waiting(parts), key=lambda one: one.code)
    assert (mendable.source, mendable.code, mendable.seen) == ("website", "no_identity", 2)
    assert odd.code == "unknown_type"

    with pytest.raises(Refused):
        await replaying.one(SYSTEM, mendable.id, parts.now())
    mended = json.dumps({**bad, "userId": "ada"})
    for _ in range(2):
        try:
            done = await replaying.one(SYSTEM, mendable.id, parts.now(), body=mended)
        except Conflict:
            continue
        assert (done.taken, bool(done.partitions)) == (1, True)

    assert await rows("SELECT name, message_id FROM event") == [("Signed Up", "m1")]
    assert await rows("SELECT state, settled_by FROM dead_letter ORDER BY code") == [
        ("replayed", "Cadenza"),
        ("waiting", None),
    ]
    assert await rows("SELECT count(*) FROM audit WHERE verb = 'replay'") == [(1,)]


async def test_a_call_keeps_its_time_when_it_is_taken_later(
    website: httpx2.AsyncClient, parts: Parts, replaying: Replaying, rows: Rows
) -> None:
    call = {"event": "Late", "timestamp": "2026-03-01T10:00:00Z", "sentAt": "2026-03-01T10:00:00Z"}
    await website.post("/v1/track", json=call)
    [letter] = await waiting(parts)
    body = json.dumps({**json.loads(letter.body), "userId": "ada"})
    await replaying.one(SYSTEM, letter.id, parts.now(), body=body)

    [(occurred_at, message_id)] = await rows("SELECT occurred_at, message_id FROM event")
    # its clock was wrong by the day between, as it was when it came
    assert occurred_at == letter.received_at
    assert message_id == f"letter-{letter.id}"


async def billing(parts: Parts) -> NewSource:
    async with parts.store.transaction() as session:
        return await add_source(
            session,
            SYSTEM,
            BOX,
            "billing",
            contact={"email": "mail"},
            event_path="type",
            signature="token",
            signature_header="X-Token",
            now=parts.now(),
        )


async def test_documents_are_taken_in_bulk_after_the_mapping_was_mended(
    client: httpx2.AsyncClient, parts: Parts, replaying: Replaying, rows: Rows
) -> None:
    security = parts.settings.security
    made = await billing(parts)
    from engine.services.hooks.receiving import HookIntake

    hooks = HookIntake(parts.store, BOX, Intake(parts.store, 4))
    letters = LetterBox(parts.store)
    for number in range(5):
        document = {"type": "Paid", "email": f"p{number}@example.com", "n": number}
        body = json.dumps(document).encode()
        source, identity = await hooks.known("billing", {"x-token": made.secret}, body, parts.now())
        with pytest.raises(Refused) as refused:
            await hooks.accept(source, identity, document, parts.now())
        letter = Letter.of("hook:billing", "body", refused.value.problems, document, identity)
        await letters.keep([letter], parts.now())
    still = await replaying.many(SYSTEM, parts.now(), source="hook:billing")
    assert (still.taken, still.refused) == (0, 5)

    async with parts.store.transaction() as session:
        given = {"event": {"path": "type"}, "contact": {"email": {"path": "email"}}}
        await set_mapping(session, SYSTEM, "billing", given)
    done = await replaying.many(SYSTEM, parts.now(), source="hook:billing", code="no_identity")
    again = await replaying.many(SYSTEM, parts.now())

    assert (done.taken, done.refused, again.taken) == (5, 0, 0)
    assert await rows("SELECT count(DISTINCT contact_id), count(*) FROM event") == [(5, 5)]
    assert security is not None


async def test_dropping_needs_somebody_who_manages(
    website: httpx2.AsyncClient, parts: Parts
) -> None:
    await website.post("/v1/track", json={"event": "Nobody"})
    await website.post("/v1/track", content=b"{no json")
    async with parts.store.transaction() as session:
        counted = await count_letters(session, SYSTEM)
        assert {(one.source, one.code, one.count) for one in counted} == {
            ("website", "no_identity", 1),
            ("website", "bad_json", 1),
        }
        with pytest.raises(NotAllowed):
            await drop_letters(session, Actor("user", 1, "Cleo", "viewer"), parts.now())
        dropped = await drop_letters(session, SYSTEM, parts.now(), code="no_identity")
        assert dropped == 1
    # what was dropped and comes again, waits again
    await website.post("/v1/track", json={"event": "Nobody"})
    assert len(await waiting(parts)) == 2


async def test_a_sender_gone_mad_fills_no_disk(
    parts: Parts, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_WAITING", 3)
    box = LetterBox(parts.store)
    for number in range(6):
        letter = Letter.of("website", "call", [], {"n": number, "text": "x" * 70_000})
        await box.keep([letter], parts.now())
    assert await rows("SELECT count(*), max(length(body)), bool_and(cut) FROM dead_letter") == [
        (3, keeping.MOST_BYTES, True)
    ]


async def test_an_alias_renames_and_only_some_keys_merge(
    client: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    async with parts.store.transaction() as session:
        public = (await create_write_key(session, SYSTEM, "website")).key
        trusted = (await create_write_key(session, SYSTEM, "server", may_merge=True)).key

    async def send(key: str, path: str, **call: Any) -> Any:
        answer = await client.post(f"/v1/{path}", json=call, auth=httpx2.BasicAuth(key, ""))
        return answer.json()

    await send(public, "track", userId="old", event="A")
    await send(public, "alias", previousId="old", userId="new")
    await send(public, "track", userId="old", event="B")
    assert await rows("SELECT external_id FROM contact") == [("new",)]

    await send(public, "track", userId="other", event="C")
    said = await send(public, "alias", previousId="other", userId="new")
    assert said["noted"][0]["code"] == "not_merged"
    assert await rows("SELECT count(*) FROM contact") == [(2,)]
    said = await send(trusted, "alias", previousId="other", userId="new", messageId="again")
    assert said == {"success": True}
    await send(public, "track", userId="other", event="D")
    assert await rows("SELECT external_id FROM contact") == [("new",)]
    assert await rows("SELECT count(DISTINCT contact_id) FROM event WHERE kind = 'track'") == [(1,)]


async def test_too_much_waiting_is_told_to_come_back(
    website: httpx2.AsyncClient, parts: Parts
) -> None:
    from pathlib import Path

    from engine.errors import LimitReached
    from engine.services.events.pressure import Bounds, Pressure

    for number in range(3):
        await website.post("/v1/track", json={"userId": "ada", "event": f"E{number}"})
    pressed = Pressure(parts.store, Bounds(2, 0, Path("/")))
    await pressed.read()
    with pytest.raises(LimitReached) as refused:
        pressed.check()
    assert refused.value.retry_after is not None

    full = Pressure(parts.store, Bounds(1_000, 2**62, Path("/")))
    await full.read()
    with pytest.raises(LimitReached):
        full.check()
    roomy = Pressure(parts.store, Bounds(1_000, 0, Path("/no/such/folder")))
    await roomy.read()
    roomy.check()
