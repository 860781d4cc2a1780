"""The unmodified `segment-analytics-python` pointed at our address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from segment.analytics.client import Client

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
NewClient = Callable[..., Client]


@pytest.fixture
def errors() -> list[object]:
    return []


@pytest.fixture
def new_client(write_key: str, address: str, errors: list[object]) -> Iterator[NewClient]:
    made: list[Client] = []

    def build(**options: object) -> Client:
        client = Client(
            write_key,
            host=address,
            on_error=lambda error, items: errors.append((error, items)),
            upload_interval=0.05,
            max_retries=1,
            **options,
        )
        made.append(client)
        return client

    yield build
    for client in made:
        client.join()


@pytest.mark.parametrize("packed", [False, True])
async def test_all_calls_of_the_client_arrive(
    new_client: NewClient, errors: list[object], rows: Rows, packed: bool
) -> None:
    client = new_client(gzip=packed)
    client.page(anonymous_id="browser-1", name="Pricing", category="Shop")
    client.identify(
        "ada", {"email": "ada@example.com", "name": "Ada Lovelace"}, anonymous_id="browser-1"
    )
    client.track("ada", "Order Completed", {"total": 12.5, "items": ["a", "b"]})
    client.screen("ada", name="Home")
    client.group("ada", "acme", {"name": "Acme"})
    client.alias("browser-2", "ada")
    await asyncio.to_thread(client.flush)

    assert errors == []
    assert await rows("SELECT kind, name, properties->>'name' FROM event ORDER BY id") == [
        ("page", "Page Viewed", "Pricing"),
        ("identify", "Contact Identified", "Ada Lovelace"),
        ("track", "Order Completed", None),
        ("screen", "Screen Viewed", "Home"),
        ("group", "Account Joined", "Acme"),
        ("alias", "Alias Recorded", None),
    ]
    assert await rows(
        "SELECT c.email, c.first_name, c.last_name, a.name FROM contact c "
        "JOIN account a ON a.id = c.account_id"
    ) == [("ada@example.com", "Ada", "Lovelace", "Acme")]


async def test_hundreds_of_events_arrive_once_each(
    new_client: NewClient, errors: list[object], rows: Rows
) -> None:
    client = new_client(upload_size=50)
    for number in range(300):
        client.track(f"user-{number % 30}", "Visited", {"n": number})
    await asyncio.to_thread(client.flush)

    assert errors == []
    assert await rows("SELECT count(*), count(DISTINCT contact_id) FROM event") == [(300, 30)]


async def test_a_message_sent_again_changes_nothing(
    new_client: NewClient, errors: list[object], rows: Rows
) -> None:
    client = new_client()
    when = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for _ in range(3):
        client.track("ada", "Signed Up", timestamp=when, message_id="only-once")
        await asyncio.to_thread(client.flush)

    assert errors == []
    assert await rows("SELECT count(*) FROM event") == [(1,)]


async def test_a_revoked_key_is_an_error_the_client_reports(
    new_client: NewClient, errors: list[Any], parts: Any
) -> None:
    from engine.services.actor import SYSTEM
    from engine.services.write_keys import revoke_write_key

    async with parts.store.transaction() as session:
        await revoke_write_key(session, SYSTEM, "website", parts.now())
    client = new_client()
    client.track("ada", "Signed Up")
    await asyncio.to_thread(client.flush)

    assert [error.status for error, _ in errors] == [401]
    assert "write key" in errors[0][0].message
