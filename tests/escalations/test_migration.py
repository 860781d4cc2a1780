"""Cases of the release before: those that a run waits for go on, with the levels of its flow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from crm_store import migrate
from crm_store.session import Store
from tests.driving.house import furnished
from tests.driving.test_escalations import ESCALATE
from tests.driving.world import CrashingStore

BEFORE = "2026_11_22_1180"


async def test_a_run_that_waits_since_the_release_before_is_answered(database_url: str) -> None:
    store = Store(database_url)
    house = await furnished(store)
    await house.begin(ESCALATE, people=2)
    first, second = [case.id for case in await house.cases()]
    await house.acknowledge("eve", second)
    await house.go_on()
    began = house.world.now
    await asyncio.to_thread(migrate.downgrade, database_url, BEFORE)
    async with store.transaction() as session:
        # the step kept the time of the next level itself, and the case was named by its first visit
        await session.execute(
            text(
                """
                UPDATE run r SET due_at = :due, memo = jsonb_build_object('step',
                    jsonb_build_object('case', e.visit, 'next', 1, 'since', CAST(:since AS text),
                                       'asked', true, 'told', true))
                FROM escalation_case e WHERE e.run_id = r.id AND e.id = :case
                """
            ),
            {
                "due": began + timedelta(hours=4),
                "since": began.astimezone(UTC).isoformat(),
                "case": first,
            },
        )
    await store.close()
    await asyncio.to_thread(migrate.upgrade, database_url)

    house.world.store = CrashingStore(Store(database_url))
    house.world.parts = house.world.new_worker("after")
    try:
        [case] = await house.cases()
        assert (case.id, case.status, case.level, case.asked) == (first, "open", 1, 1)
        [[over]] = await house.world.rows(
            "SELECT status FROM escalation_case WHERE id = :id", id=second
        )
        assert over == "resolved"
        await house.go_on()
        assert len(house.told()) == 2
        await house.later(hours=3.9)
        assert len(house.told()) == 2
        await house.later(hours=0.2)
        assert house.told()[-1] == "eve@example.com"
        assert sorted(map(str, await house.outcomes())) == ["None", "taken"]
        await house.acknowledge("ben", first)
        await house.go_on()
        assert await house.outcomes() == ["taken", "taken"]
        assert await house.world.rows("SELECT 1 FROM clock WHERE kind = 'escalation'") == []
    finally:
        await house.world.store.store.close()


LEAVE_BEHIND = (
    # the first waits for its first level: there is no case yet
    """
    UPDATE run SET due_at = :due, memo = jsonb_build_object('step', jsonb_build_object(
        'case', 1, 'next', 0, 'since', CAST(:since AS text))) WHERE id = :first
    """,
    "DELETE FROM effect WHERE run_id = :first",
    "DELETE FROM escalation_case WHERE run_id IN (:first, :third)",
    # the second has asked for its second level, and nobody was told yet
    """
    UPDATE run r SET due_at = NULL, visit = 2, memo = jsonb_build_object('step',
        jsonb_build_object('case', e.visit, 'next', 2, 'since', CAST(:since AS text),
                           'asked', true, 'told', true))
    FROM escalation_case e WHERE e.run_id = r.id AND r.id = :second
    """,
    """
    INSERT INTO effect (run_id, flow_id, node, visit, kind, purpose, subject_id, shard, ask,
                        not_before, created_at)
    SELECT f.run_id, f.flow_id, f.node, 2, f.kind, f.purpose, f.subject_id, f.shard,
           jsonb_build_object('to', 'manager', 'level', 2, 'case', e.visit, 'said',
                              CAST('{"title": "Angry", "body": ""}' AS jsonb)), :now, :now
    FROM effect f JOIN escalation_case e ON e.run_id = f.run_id WHERE f.run_id = :second
    """,
    # the third has asked for its first
    """
    UPDATE run SET due_at = NULL, memo = jsonb_build_object('step', jsonb_build_object(
        'case', 1, 'next', 1, 'since', CAST(:since AS text), 'asked', true)) WHERE id = :third
    """,
    """
    UPDATE effect SET state = 'pending', receipt = NULL, answered_at = NULL, not_before = :now,
        ask =
        '{"to": "owner", "level": 1, "case": 1, "said": {"title": "Angry", "body": ""}}'
    WHERE run_id = :third
    """,
)


async def test_no_level_is_lost_of_runs_that_stand_between_two(database_url: str) -> None:
    store = Store(database_url)
    house = await furnished(store)
    await house.begin(ESCALATE, people=3)
    began = house.world.now
    await asyncio.to_thread(migrate.downgrade, database_url, BEFORE)
    async with store.transaction() as session:
        found = await session.execute(
            text("SELECT id, due_at, memo -> 'step' AS memo FROM run ORDER BY id")
        )
        runs = list(found)
        # the old step finds all it reads, and is asked soon
        for run in runs:
            assert run.due_at is not None
            assert run.memo["next"] == 1
            assert datetime.fromisoformat(run.memo["since"]) == began
        given = {name: run.id for name, run in zip(("first", "second", "third"), runs, strict=True)}
        times = {"due": began + timedelta(hours=4), "since": began.isoformat(), "now": began}
        for statement in LEAVE_BEHIND:
            used = {key: value for key, value in (given | times).items() if f":{key}" in statement}
            await session.execute(text(statement), used)
    await store.close()
    await asyncio.to_thread(migrate.upgrade, database_url)

    house.world.store = CrashingStore(Store(database_url))
    house.world.parts = house.world.new_worker("after")
    ben, eve, dora = (f"{name}@example.com" for name in ("ben", "eve", "dora"))
    try:
        await house.go_on()
        assert sorted(house.told()[3:]) == [ben, eve]
        await house.later(hours=2)
        assert house.told()[5:] == [dora]
        await house.later(hours=2.1)
        assert sorted(house.told()[6:]) == [ben, eve]
        await house.later(hours=4)
        await house.later(hours=3)
        assert sorted(house.told()[8:]) == [dora, dora, eve]
        await house.later(days=2)
        assert await house.outcomes() == ["alone"] * 3
        assert await house.world.rows("SELECT 1 FROM clock WHERE kind = 'escalation'") == []
    finally:
        await house.world.store.store.close()


def test_the_time_of_a_case_is_that_of_the_clock() -> None:
    """What the migration writes as the state of an open case is what the machine reads."""
    from engine.machines.escalation import CaseState

    since = datetime(2026, 3, 2, 9, tzinfo=UTC)
    state = CaseState.from_json(
        {
            "status": "open",
            "reached": True,
            "next_level": 1,
            "watch": {"spent_us": 0, "running_since": since.isoformat()},
        }
    )
    assert state.watch.spent_at(since + timedelta(hours=1), None, "UTC") == timedelta(hours=1)
