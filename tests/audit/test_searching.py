"""Searching, exporting, doors and refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from engine.errors import NotAllowed, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.audit_log.exporting import export_audit
from engine.services.audit_log.refusals import MOST_A_MINUTE, Refusals
from engine.services.audit_log.searching import (
    AuditQuery,
    audit_words,
    key_of,
    search_audit,
    see_audit_row,
    usual_query,
)
from engine.services.door import through
from tests.audit.conftest import ADA, Trail


def lately(**asked: object) -> AuditQuery:
    now = datetime.now(UTC)
    return AuditQuery(
        now - timedelta(days=1),
        now + timedelta(hours=1),
        **asked,  # type: ignore[arg-type]  # fields of the query
    )


async def subjects(trail: Trail, query: AuditQuery) -> list[str]:
    async with trail.store.transaction() as session:
        return [one.subject_id for one in (await search_audit(session, ADA, query)).rows]


async def test_rows_are_found_by_person_kind_thing_verb_door_request_and_words(
    trail: Trail,
) -> None:
    with through("api", "req-12345678"):
        await trail.write(1, subject="a", verb="create", kind="segment")
    with through("page"):
        await trail.write(
            1, Actor("user", 2, "Bo 波", "rep"), subject="b", after={"x": "100%_sure"}
        )
    await trail.write(1, SYSTEM, subject="c", why="It was time")
    for query, expected in (
        (lately(), ["c", "b", "a"]),
        (lately(actor="bo"), ["b"]),
        (lately(actor="波"), ["b"]),
        (lately(actor_id=1), ["a"]),
        (lately(kind="segment"), ["a"]),
        (lately(subject="b"), ["b"]),
        (lately(verb="create"), ["a"]),
        (lately(door="page"), ["b"]),
        (lately(door="system"), ["c"]),
        (lately(request_id="req-12345678"), ["a"]),
        (lately(words="was TIME"), ["c"]),
        (lately(words="%_"), ["b"]),
        (lately(words="100_"), []),
        (lately(words="'; DROP TABLE audit --"), []),
    ):
        assert await subjects(trail, query) == expected, query
    async with trail.store.transaction() as session:
        assert await audit_words(session, ADA) == (["create", "edit"], ["deal", "segment"])


async def test_pages_are_turned_both_ways(trail: Trail) -> None:
    await trail.write(7)
    async with trail.store.transaction() as session:
        first = await search_audit(session, ADA, lately(), limit=3)
        second = await search_audit(session, ADA, lately(), before=key_of(first.rows[-1]), limit=3)
        third = await search_audit(session, ADA, lately(), before=key_of(second.rows[-1]), limit=3)
        back = await search_audit(session, ADA, lately(), after=key_of(third.rows[0]), limit=3)
    assert [len(one.rows) for one in (first, second, third)] == [3, 3, 1]
    assert (first.older, first.newer, third.older, third.newer) == (True, False, False, True)
    assert back.rows == second.rows
    assert back.newer
    assert back.older


async def test_nobody_but_who_may_reads_the_audit(trail: Trail) -> None:
    async with trail.store.transaction() as session:
        with pytest.raises(NotAllowed):
            await search_audit(session, Actor("user", 2, "Bo", "rep"), lately())
        with pytest.raises(Refused):
            await search_audit(session, ADA, lately(door="window"))


async def test_a_row_shows_its_seal_once_it_has_one(trail: Trail) -> None:
    await trail.write(1)
    async with trail.store.transaction() as session:
        assert (await see_audit_row(session, ADA, 1)).seal is None
    await trail.seal()
    async with trail.store.transaction() as session:
        seen = await see_audit_row(session, ADA, 1)
    assert seen.seal is not None
    assert len(seen.seal) == 64


async def test_exports_are_whole_and_are_written_down(trail: Trail) -> None:
    await trail.write(450, after={"name": "=cmd|' /C calc'!A0"}, why="=1+1")
    async with trail.store.transaction() as session:
        lines = b"".join(
            [piece async for piece in export_audit(session, ADA, lately(verb="edit"), "jsonl")]
        ).splitlines()
        sheet = b"".join(
            [piece async for piece in export_audit(session, ADA, lately(verb="edit"), "csv")]
        ).decode("utf-8-sig")
    assert len(lines) == 450
    assert orjson.loads(lines[0])["after"]["name"].startswith("=cmd")
    assert sheet.count("\r\n") == 451
    assert "'=1+1" in sheet
    [(_verb, after), _] = await trail.rows("SELECT verb, after FROM audit WHERE verb = 'export'")
    assert after["verb"] == "edit"


async def test_refusals_are_written_down_once_and_never_too_many(trail: Trail) -> None:
    now = [0.0]
    refusals = Refusals(trail.store, clock=lambda: now[0])
    rep = Actor("user", 2, "Bo", "rep")
    assert await refusals.note(rep, "publish flow", "may not")
    assert not await refusals.note(rep, "publish flow", "may not")
    for number in range(200):
        await refusals.note(Actor("user", 10 + number, "Bot", "viewer"), "edit deal", "may not")
    [(count,)] = await trail.rows("SELECT count(*) FROM audit WHERE verb = 'refused'")
    assert count == MOST_A_MINUTE
    now[0] = 1_000.0
    assert await refusals.note(rep, "publish flow", "may not")
    [(after,)] = await trail.rows("SELECT after FROM audit ORDER BY id DESC LIMIT 1")
    assert after == {"others_not_listed": 200 - MOST_A_MINUTE + 1}


async def test_the_usual_search_reaches_until_now(trail: Trail) -> None:
    await trail.write(1)
    assert await subjects(trail, usual_query(datetime.now(UTC))) == ["0"]
