"""A workspace with a few contacts, and keys for the people who may look at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import httpx2
from sqlalchemy import insert

from crm_store.models import Contact, CustomField, Event, Order
from crm_store.people import add_user, user_by_email
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.api_keys import create_api_key
from engine.services.people import ROLES, ensure_roles
from tests.clock import Clock

ADA, BEN, CLEO = 1, 2, 3
EVERYTHING = ("read:*", "write:*")


async def fill(store: Store, clock: Clock) -> None:
    """Ada in Singapore ordered yesterday, Ben in Singapore never did, Cleo is in Germany."""
    async with store.transaction() as session:
        await session.execute(
            insert(CustomField),
            [{"record": "contact", "key": "plan", "label": "plan", "type": "text"}],
        )
        await session.execute(
            insert(Contact),
            [
                {
                    "first_name": name,
                    "email": f"{name}@Example.com",
                    "email_key": f"{name.lower()}@example.com",
                    "country": country,
                    "time_zone": zone,
                    "custom": custom,
                }
                for name, country, zone, custom in (
                    ("Ada", "SG", "Asia/Singapore", {"plan": "gold"}),
                    ("Ben", "SG", None, {}),
                    ("Cleo", "DE", "Europe/Berlin", {}),
                )
            ],
        )
        await session.execute(
            insert(Order),
            [
                {
                    "contact_id": ADA,
                    "external_id": "1",
                    "status": "paid",
                    "total_minor": 2000,
                    "currency": "SGD",
                    "placed_at": datetime(2026, 3, 1, tzinfo=UTC),
                }
            ],
        )
        await session.execute(
            insert(Event),
            [
                {
                    "source": "shop",
                    "message_id": "1",
                    "name": "Order Completed",
                    "contact_id": ADA,
                    "occurred_at": clock.now(),
                }
            ],
        )


async def key_for(store: Store, clock: Clock, role: str, scopes: Sequence[str]) -> str:
    """A key of a person with this role, who is made when there is none yet.

    Without a password: nobody signs in here, and to hash one takes longer than most tests.
    """
    async with store.transaction() as session:
        await ensure_roles(session)
        email = f"{role}@example.com"
        if await user_by_email(session, email) is None:
            row = {"email": email, "email_key": email, "name": ROLES[role], "role": role}
            await add_user(session, row | {"name_key": role})
        made = await create_api_key(
            session, SYSTEM, name="test", for_user=email, scopes=scopes, now=clock.now()
        )
    return made.key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def codes(answer: httpx2.Response) -> list[tuple[str, str]]:
    """Place and code of each problem."""
    return [(one["place"], one["code"]) for one in answer.json()["problems"]]
