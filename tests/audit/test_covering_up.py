"""Whoever covers up what was written down is found out, also between two sealings."""

from __future__ import annotations

from datetime import timedelta

from engine.services.audit_log.retention import remove_old_days
from tests.audit.conftest import Trail
from tests.audit.test_chain import faults


async def test_a_row_removed_before_it_is_sealed_stays_missing_after_the_sealing(
    trail: Trail,
) -> None:
    await trail.write(3)
    await trail.tamper("DELETE FROM audit WHERE id = 2")
    assert await trail.seal() == 2
    assert faults(await trail.verify()) == [("removed", 2)]


async def test_words_put_into_a_cleared_row_are_noticed(trail: Trail) -> None:
    await trail.write(3)
    await trail.seal()
    await trail.tamper(
        "UPDATE audit SET before = NULL, after = NULL, why = NULL, cleared_at = now() WHERE id = 1",
        "UPDATE audit SET after = '{\"amount\": 3}', cleared_at = now() WHERE id = 2",
    )
    verified = await trail.verify()
    assert faults(verified) == [("changed", 2)]
    assert verified.cleared == 2


async def test_a_day_that_is_gone_behind_one_that_is_kept_is_noticed(trail: Trail) -> None:
    for _ in range(3):
        await trail.write(1)
        await trail.seal()
        trail.clock.advance(timedelta(days=1))
    async with trail.store.transaction() as session:
        await remove_old_days(session, trail.clock() - timedelta(days=2), trail.clock())
    await trail.seal()
    assert (await trail.verify()).whole
    [(second,)] = await trail.rows(
        "SELECT day FROM audit_day WHERE removed_at IS NULL ORDER BY day OFFSET 1 LIMIT 1"
    )
    await trail.tamper(
        f"DELETE FROM audit USING audit_seal s WHERE s.audit_id = audit.id AND s.day = '{second}'",
        f"DELETE FROM audit_seal WHERE day = '{second}'",
        f"UPDATE audit_day SET removed_at = now() WHERE day = '{second}'",
    )
    assert ("day_changed", None) in faults(await trail.verify())
