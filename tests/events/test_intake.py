"""Requests that come together are written together, and answered apart."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DataError, DBAPIError

from crm_store import event_locks
from crm_store.event_locks import was_overtaken
from crm_store.session import Store
from engine.services.events import Accepted, Batch, Intake, Reader

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def batch(*message_ids: str, source: str = "website", **more: Any) -> Batch:
    calls = [
        {"type": "track", "messageId": one, "userId": f"u{one}", "event": "A", **more}
        for one in message_ids
    ]
    items, refused = Reader(source, NOW).batch({"batch": calls})
    return Batch(tuple(items), tuple(refused))


@pytest.fixture
def intake(store: Store) -> Intake:
    return Intake(store, 4)


async def all_at_once(intake: Intake, *batches: Batch) -> list[Accepted | BaseException]:
    return await asyncio.gather(
        *(intake.accept(one, NOW) for one in batches), return_exceptions=True
    )


async def count(store: Store, what: str) -> int:
    async with store.connection() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {what}"))).scalar_one())


async def test_requests_that_wait_share_transactions(store: Store, intake: Intake) -> None:
    commits: list[object] = []
    event.listen(store.engine.sync_engine, "commit", commits.append)

    answers = await all_at_once(intake, *(batch(str(number)) for number in range(40)))

    assert {one.recorded for one in answers if isinstance(one, Accepted)} == {1}
    assert await count(store, "event") == 40
    assert len(commits) < 10


async def test_each_request_is_told_of_its_own_items(intake: Intake) -> None:
    first, second, third = await all_at_once(
        intake, batch("1", "2"), batch("2", "3"), batch("2", source="shop")
    )

    assert isinstance(first, Accepted)
    assert (first.recorded, first.duplicates) == (2, 0)
    assert isinstance(second, Accepted)
    assert (second.recorded, second.duplicates) == (1, 1)
    assert isinstance(third, Accepted)
    assert (third.recorded, third.duplicates) == (1, 0)


async def test_what_the_database_cannot_take_fails_its_own_request_alone(
    store: Store, intake: Intake
) -> None:
    """The reader refuses NUL; should anything like it ever get past, the others are kept."""
    bad = batch("bad")
    for item in bad.items:
        item.properties["x"] = "\0"  # type: ignore[index]

    good, failed, also_good = await all_at_once(intake, batch("1"), bad, batch("2"))

    assert isinstance(good, Accepted)
    assert isinstance(failed, DataError)
    assert isinstance(also_good, Accepted)
    assert await count(store, "event") == 2


async def test_a_client_that_gives_up_stops_nobody(store: Store, intake: Intake) -> None:
    waiting = [asyncio.create_task(intake.accept(batch(str(n)), NOW)) for n in range(20)]
    await asyncio.sleep(0)
    for one in waiting[5:10]:
        one.cancel()
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert sum(isinstance(one, Accepted) for one in answers) == 15
    assert (await intake.accept(batch("last"), NOW)).recorded == 1


async def test_the_sources_of_new_contacts_are_their_own(store: Store, intake: Intake) -> None:
    await all_at_once(intake, batch("1"), batch("2", source="shop"))
    async with store.connection() as connection:
        found = await connection.execute(
            text("SELECT external_id, source FROM contact ORDER BY external_id")
        )
        assert [tuple(row) for row in found] == [("u1", "website"), ("u2", "shop")]


async def test_an_empty_batch_asks_nobody(intake: Intake) -> None:
    assert await intake.accept(Batch(()), NOW) == Accepted(0, 0, frozenset())


async def test_the_same_batch_from_six_processes_at_once_is_recorded_once(store: Store) -> None:
    calls = [str(number) for number in range(50)]
    answers = await asyncio.gather(
        *(Intake(store, 4).accept(batch(*calls[::step]), NOW) for step in (1, -1) * 3)
    )

    assert sum(one.recorded for one in answers) == 50
    assert sum(one.duplicates for one in answers) == 250
    assert await count(store, "event") == await count(store, "event_pending") == 50
    assert await count(store, "contact") == 50


async def test_eight_processes_writing_about_the_same_people_do_not_deadlock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[str] = []

    def noted(error: DBAPIError) -> bool:
        states.append(getattr(error.orig, "sqlstate", "?"))
        return was_overtaken(error)

    monkeypatch.setattr(event_locks, "was_overtaken", noted)

    async def process(number: int) -> None:
        intake, chosen = Intake(store, 4), random.Random(number)
        for turn in range(8):
            calls = [
                {
                    "type": chosen.choice(["track", "identify", "group"]),
                    "messageId": f"{number}-{turn}-{place}",
                    "userId": f"u{(person := chosen.randrange(20))}",
                    "anonymousId": f"b{chosen.randrange(40)}",
                    "event": "A",
                    "groupId": f"g{person % 5}",
                    "traits": {"email": f"u{person}@example.com", "city": f"C{number}"},
                }
                for place in range(20)
            ]
            items, refused = Reader("website", NOW).batch({"batch": calls})
            assert refused == []
            accepted = await intake.accept(Batch(tuple(items)), NOW)
            assert accepted.recorded == 20

    await asyncio.gather(*(process(number) for number in range(8)))

    assert "40P01" not in states
    assert await count(store, "event") == 8 * 8 * 20
    assert await count(store, "event_pending") == 8 * 8 * 20
    assert await count(store, "account") == 5
