"""The chain finds what was done to the audit behind the product's back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.services.audit_log.retention import remove_old_days
from tests.audit.conftest import Trail


def faults(verified: object) -> list[tuple[str, int | None]]:
    return [(one.fault, one.audit_id) for one in verified.findings]  # type: ignore[attr-defined]


async def test_rows_are_sealed_in_batches_and_fit(trail: Trail) -> None:
    await trail.write(5)
    trail.clock.advance(timedelta(days=1))
    assert await trail.seal() == 5
    await trail.write(3)
    trail.clock.advance(timedelta(days=1))
    assert await trail.seal() == 3
    await trail.write(1)
    verified = await trail.verify()
    assert verified.whole
    assert (verified.rows, verified.days, verified.pending) == (8, 2, 1)


@pytest.mark.parametrize(
    "change",
    [
        "actor_name = 'Bob'",
        "verb = 'read'",
        "subject_id = '77'",
        "at = at - interval '1 second'",
        "after = '{\"amount\": 3}'",
        "before = NULL",
        "why = 'because'",
        "door = 'page'",
        "request_id = 'x'",
        "actor_id = 2",
    ],
)
async def test_a_changed_row_is_named(trail: Trail, change: str) -> None:
    await trail.write(5)
    await trail.seal()
    await trail.tamper(f"UPDATE audit SET {change} WHERE id = 3")
    assert faults(await trail.verify()) == [("changed", 3)]


async def test_a_removed_row_is_named_sealed_or_not(trail: Trail) -> None:
    await trail.write(5)
    await trail.seal()
    await trail.write(2)
    await trail.tamper("DELETE FROM audit WHERE id IN (2, 7)")
    assert faults(await trail.verify()) == [("removed", 2), ("removed", 7)]


async def test_the_last_row_with_its_seal_is_missed(trail: Trail) -> None:
    await trail.write(5)
    await trail.seal()
    await trail.tamper(
        "DELETE FROM audit WHERE id = 5", "DELETE FROM audit_seal WHERE audit_id = 5"
    )
    assert faults(await trail.verify()) == [("day_changed", None)]


async def test_a_row_taken_out_of_the_middle_with_its_seal_is_noticed(trail: Trail) -> None:
    await trail.write(5)
    await trail.seal()
    await trail.tamper(
        "DELETE FROM audit WHERE id = 3", "DELETE FROM audit_seal WHERE audit_id = 3"
    )
    assert ("seal_changed", 4) in faults(await trail.verify())


async def test_an_inserted_row_is_named(trail: Trail) -> None:
    await trail.write(5)
    await trail.seal()
    await trail.tamper(
        "INSERT INTO audit (actor_kind, actor_name, verb, subject_kind, subject_id)"
        " VALUES ('user', 'Ada', 'edit', 'deal', '1')"
    )
    assert faults(await trail.verify()) == [("inserted", 6)]


async def test_a_row_that_was_inserted_with_an_old_time_and_sealed_is_named(trail: Trail) -> None:
    await trail.write(2)
    await trail.seal()
    await trail.rows(
        "INSERT INTO audit (at, actor_kind, actor_name, verb, subject_kind, subject_id)"
        " VALUES (now() - interval '2 days', 'user', 'Ada', 'edit', 'deal', '1') RETURNING 1"
    )
    await trail.seal()
    assert faults(await trail.verify()) == [("back_dated", 3)]


async def test_a_whole_day_that_is_gone_is_noticed(trail: Trail) -> None:
    for _ in range(3):
        await trail.write(2)
        await trail.seal()
        trail.clock.advance(timedelta(days=1))
    await trail.tamper(
        "DELETE FROM audit WHERE id IN (3, 4)",
        "DELETE FROM audit_seal WHERE audit_id IN (3, 4)",
        "DELETE FROM audit_day WHERE day = (SELECT min(day) + 1 FROM audit_day)",
    )
    assert faults(await trail.verify()) == [("day_changed", None)]


async def test_a_chain_that_was_written_anew_does_not_have_the_head_kept_elsewhere(
    trail: Trail,
) -> None:
    await trail.write(3)
    await trail.seal()
    head = (await trail.verify()).head
    assert (await trail.verify(known_head=head)).whole
    await trail.tamper(
        "UPDATE audit SET why = 'other' WHERE id = 2",
        "DELETE FROM audit_seal",
        "DELETE FROM audit_day",
        "INSERT INTO audit_pending SELECT id FROM audit",
    )
    await trail.seal()
    assert (await trail.verify()).whole
    assert faults(await trail.verify(known_head=head)) == [("day_changed", None)]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET why = 'x'", "DELETE FROM audit", "TRUNCATE audit"],
)
async def test_rows_are_only_ever_added(trail: Trail, statement: str) -> None:
    await trail.write(1)
    with pytest.raises(DBAPIError, match="only ever added"):
        async with trail.store.transaction() as session:
            await session.execute(text(statement))
    assert await trail.rows("SELECT count(*) FROM audit") == [(1,)]


async def test_retention_removes_whole_days_and_the_chain_still_fits(trail: Trail) -> None:
    for _ in range(3):
        await trail.write(2)
        await trail.seal()
        trail.clock.advance(timedelta(days=1))
    async with trail.store.transaction() as session:
        now = trail.clock()
        assert await remove_old_days(session, now - timedelta(days=1), now) == 4
        assert await remove_old_days(session, now - timedelta(days=1), now) == 0
    verified = await trail.verify()
    assert verified.whole
    assert verified.rows == 2
    [(after,)] = await trail.rows("SELECT after FROM audit WHERE verb = 'remove'")
    assert after["rows"] == 4
    assert after["days"] == 2


async def test_erasing_clears_what_was_said_and_the_chain_still_fits(trail: Trail) -> None:
    await trail.write(1, kind="contact", subject=7, after={"email": "kim@example.com"}, why="asked")
    await trail.write(1, kind="contact", subject=8)
    await trail.seal()
    async with trail.store.transaction() as session:
        await session.execute(text("SELECT set_config('cadenza.audit', 'update', true)"))
        await session.execute(
            text(
                "UPDATE audit SET before = NULL, after = NULL, why = NULL, actor_name = 'erased',"
                " cleared_at = now() WHERE subject_id = '7'"
            )
        )
    verified = await trail.verify()
    assert verified.whole
    assert verified.cleared == 1
    assert "kim@example.com" not in str(await trail.rows("SELECT a::text FROM audit a"))
    # clearing is no way to hide who did what
    await trail.tamper("UPDATE audit SET verb = 'read' WHERE subject_id = '7'")
    assert faults(await trail.verify()) == [("changed", 1)]


async def test_many_writers_and_two_sealers_make_one_chain(trail: Trail) -> None:
    await asyncio.gather(*(trail.write(20) for _ in range(8)), trail.seal(), trail.seal())
    await trail.seal()
    verified = await trail.verify()
    assert verified.whole
    assert verified.rows == 160
