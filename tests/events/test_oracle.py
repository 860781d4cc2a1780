"""Duplicates, disorder and nonsense: what is left equals what an orderly world would have.

ORACLE_EVENTS=100000 makes it the whole trial.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2

from tests.clock import Clock

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
EVENTS: Final = int(os.environ.get("ORACLE_EVENTS", "2000"))
SIZE: Final = 100
CLIENTS: Final = 4
NAMES: Final = ("Product Viewed", "Cart Updated", "Order Completed")
SPOILT: Final = (
    {"type": "dance"},
    {"event": ""},
    {"userId": ""},
    {"userId": True},
    {"timestamp": "yesterday"},
    {"properties": [1]},
    {"messageId": {"a": 1}},
    {"properties": {"text": "a\0b"}},
)


def made(count: int, start: datetime) -> list[dict[str, Any]]:
    """Events of a world in order: each of a user, at its own moment."""
    chosen = random.Random(7)
    return [
        {
            "type": "track",
            "messageId": f"m{number}",
            "userId": f"u{chosen.randrange(max(count // 20, 5))}",
            "event": chosen.choice(NAMES),
            "timestamp": (start + timedelta(seconds=number)).isoformat(),
            "properties": {"n": number},
        }
        for number in range(count)
    ]


def sent(orderly: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """As it arrives: 30 % twice, a fifth out of order, 1 % spoilt besides."""
    chosen = random.Random(8)
    keyed = []
    for place, event in enumerate(orderly):
        late = chosen.random() < 0.2
        keyed.append((place + (chosen.randrange(len(orderly)) if late else 0), event))
        if chosen.random() < 0.3:
            keyed.append((place + chosen.randrange(len(orderly)), event))
    spoilt = max(len(orderly) // 100, 1)
    for number in range(spoilt):
        bad = {**chosen.choice(orderly), "messageId": f"bad{number}", **chosen.choice(SPOILT)}
        keyed.append((chosen.randrange(len(orderly)), bad))
    keyed.sort(key=lambda pair: pair[0])
    return [event for _, event in keyed], spoilt


async def test_the_final_state_equals_that_of_an_orderly_world(
    website: httpx2.AsyncClient, rows: Rows, clock: Clock
) -> None:
    orderly = made(EVENTS, clock.now().astimezone(UTC) - timedelta(days=7))
    arriving, spoilt = sent(orderly)
    batches = [arriving[at : at + SIZE] for at in range(0, len(arriving), SIZE)]
    waiting = iter(batches)
    refused = 0

    async def client() -> None:
        nonlocal refused
        for batch in waiting:
            answer = await website.post("/v1/batch", json={"batch": batch})
            assert answer.status_code == 200, answer.text
            refused += len(answer.json().get("refused", ()))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))

    assert refused == spoilt
    wanted = {
        (one["messageId"], one["userId"], one["event"], one["timestamp"], one["properties"]["n"])
        for one in orderly
    }
    found = await rows(
        "SELECT e.message_id, c.external_id, e.name, e.occurred_at, e.properties->'n' "
        "FROM event e JOIN contact c ON c.id = e.contact_id"
    )
    there = {
        (one, user, name, at.astimezone(UTC).isoformat(), n) for one, user, name, at, n in found
    }
    assert len(found) == len(there)
    assert there == wanted
    assert await rows("SELECT count(*) FROM event_pending") == [(EVENTS,)]
    assert await rows("SELECT count(*), count(DISTINCT external_id) FROM contact") == [
        (len({one["userId"] for one in orderly}),) * 2
    ]
    # the same nonsense twice is one letter
    assert (await rows("SELECT sum(seen) FROM dead_letter"))[0][0] == spoilt
