"""Many clients at once: nothing lost, nothing doubled, nobody waits for ever."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
from sqlalchemy import event, text

from tests.api.conftest import Parts

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]

CLIENTS = 8
DEADLOCK = "40P01"


def batches_of(client: int, count: int, size: int) -> list[list[dict[str, Any]]]:
    """Calls about the same twenty people, in an order of the client's own."""
    chosen = random.Random(client)
    made = []
    for number in range(count):
        people = [chosen.randrange(20) for _ in range(size)]
        made.append(
            [
                {
                    "type": chosen.choice(["track", "identify", "group"]),
                    "messageId": f"{client}-{number}-{place}",
                    "userId": f"u{person}",
                    "anonymousId": f"b{chosen.randrange(40)}",
                    "event": f"E{number}",
                    "groupId": f"g{person % 5}",
                    "traits": {"email": f"u{person}@example.com", "city": f"C{client}"},
                }
                for place, person in enumerate(people)
            ]
        )
    return made


async def test_eight_clients_about_the_same_people_do_not_deadlock(
    website: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    states: list[str] = []
    event.listen(
        parts.store.engine.sync_engine,
        "handle_error",
        lambda context: states.append(getattr(context.original_exception, "sqlstate", "?")),
    )

    async def client(number: int) -> None:
        for batch in batches_of(number, 10, 25):
            answer = await website.post("/v1/batch", json={"batch": batch})
            assert answer.status_code == 200, answer.text

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))

    assert DEADLOCK not in states
    assert await rows("SELECT count(*) FROM event") == [(CLIENTS * 10 * 25,)]
    assert await rows("SELECT count(*) FROM event_pending") == [(CLIENTS * 10 * 25,)]
    assert await rows("SELECT count(*) FROM contact") == [(20,)]
    assert await rows("SELECT count(*) FROM account") == [(5,)]


async def test_the_same_batch_sent_by_eight_clients_counts_once(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    batch = [
        {
            "type": "identify",
            "messageId": f"m{number}",
            "userId": f"u{number % 7}",
            "traits": {"firstName": f"N{number}"},
        }
        for number in range(30)
    ]
    answers = await asyncio.gather(
        *(website.post("/v1/batch", json={"batch": batch}) for _ in range(CLIENTS))
    )

    assert Counter(answer.status_code for answer in answers) == {200: CLIENTS}
    assert await rows("SELECT count(*), count(DISTINCT message_id) FROM event") == [(30, 30)]
    assert await rows("SELECT count(*) FROM event_pending") == [(30,)]
    assert await rows("SELECT external_id, first_name FROM contact ORDER BY external_id") == [
        (f"u{person}", f"N{max(n for n in range(30) if n % 7 == person)}") for person in range(7)
    ]


async def test_one_contacts_events_keep_the_order_in_which_they_were_sent(
    website: httpx2.AsyncClient, rows: Rows
) -> None:
    """Clients race about one contact; ids rise in the order of each client's own calls."""

    async def client(name: str) -> None:
        for number in range(10):
            items = [
                {
                    "type": "track",
                    "messageId": f"{name}-{number}-{place}",
                    "userId": "ada",
                    "event": name,
                    "properties": {"n": number * 3 + place},
                }
                for place in range(3)
            ]
            await website.post("/v1/batch", json={"batch": items})

    await asyncio.gather(*(client(f"C{number}") for number in range(4)))

    for number in range(4):
        told = await rows(
            "SELECT CAST(properties->>'n' AS int) FROM event WHERE name = :name ORDER BY id",
            name=f"C{number}",
        )
        assert [row[0] for row in told] == list(range(30))


async def test_a_transaction_that_was_overtaken_is_done_again(
    website: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    """Somebody else makes the contact after we looked and before we insert."""
    made = asyncio.Event()

    async def somebody_waits() -> bool:
        return bool(
            await rows(
                "SELECT 1 FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        )

    async def rival() -> None:
        async with parts.store.transaction() as session:
            await session.execute(
                text("INSERT INTO contact (external_id, name_key) VALUES ('ada', '')")
            )
            made.set()
            while not await somebody_waits():
                await asyncio.sleep(0.01)

    racing = asyncio.create_task(rival())
    await made.wait()
    answer = await website.post(
        "/v1/track", json={"messageId": "1", "userId": "ada", "event": "Signed Up"}
    )
    await racing

    assert answer.status_code == 200
    assert await rows("SELECT count(*) FROM contact") == [(1,)]
    assert await rows("SELECT count(*) FROM event") == [(1,)]
