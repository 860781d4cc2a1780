"""A database with people, somebody who happens to do things, and a driver of deliveries."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from crm_store.events import add_events
from crm_store.session import Store
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from engine.services import subscriptions
from engine.services.actor import Actor
from engine.services.deliveries import Delivering
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.secrets import SecretBox
from engine.services.sharing import shared_of
from engine.services.subscriptions import AskedSubscription
from tests.clock import Clock

ADA = Actor("user", 1, "Ada", "admin")
PATIENCE = 5.0


class Ticking(Clock):
    """Goes on by itself as well, because how often a receiver is called hangs on time passing."""

    _began: float = 0.0

    def now(self) -> datetime:
        self._began = self._began or time.monotonic()
        return super().now() + timedelta(seconds=time.monotonic() - self._began)

    def __call__(self) -> datetime:
        return self.now()


@dataclass
class World:
    store: Store
    clock: Ticking = field(default_factory=Ticking)
    box: SecretBox = field(default_factory=lambda: SecretBox({"test": b"k" * 32}))
    outgoing: Outgoing = field(
        default_factory=lambda: Outgoing(read_reachable("127.0.0.0/8"), connections=50)
    )
    numbers: Any = field(default_factory=itertools.count)

    async def furnish(self) -> None:
        async with self.store.transaction() as session:
            for statement in (
                "INSERT INTO role (key, label) VALUES ('admin', 'Admin')",
                (
                    'INSERT INTO "user" (id, email, email_key, name, name_key, role)'
                    " OVERRIDING SYSTEM"
                    " VALUE VALUES (1, 'ada@example.com', 'ada@example.com', 'Ada', 'ada', 'admin')"
                ),
                (
                    "INSERT INTO contact (id, email, email_key, country, external_id)"
                    " OVERRIDING SYSTEM"
                    " VALUE VALUES (1, 'kim@example.com', 'kim@example.com', 'SG', 'k-1'),"
                    " (2, 'lee@example.com', 'lee@example.com', 'DE', 'l-2')"
                ),
            ):
                await session.execute(text(statement))

    def delivering(self, **changed: Any) -> Delivering:
        asked: dict[str, Any] = {
            "store": self.store,
            "shared": shared_of(Plans()),
            "pokes": NoPokes(),
            "outgoing": self.outgoing,
            "box": self.box,
            "now": self.clock,
            "worker": "w",
            "default_zone": "UTC",
            "spread": lambda: 0.5,
        }
        return Delivering(**{**asked, **changed})

    async def subscribe(
        self,
        url: str,
        types: tuple[str, ...] = ("Signed Up",),
        *,
        name: str = "Warehouse",
        enabled: bool = True,
        **more: Any,
    ) -> int:
        asked = AskedSubscription(name, url, types, **more)
        async with self.store.transaction() as session:
            made = await subscriptions.create_subscription(
                session, ADA, self.box, asked, self.clock()
            )
            if enabled:
                await subscriptions.enable_subscription(session, ADA, made.id, self.clock())
        return made.id

    async def happen(
        self, name: str = "Signed Up", *, times: int = 1, contact_id: int = 1, **properties: Any
    ) -> None:
        now = self.clock()
        events: list[Mapping[str, Any]] = [
            {
                "source": "test",
                "message_id": f"m-{next(self.numbers)}",
                "kind": "track",
                "name": name,
                "contact_id": contact_id,
                "properties": properties,
                "occurred_at": now,
                "partition": 0,
            }
            for _ in range(times)
        ]
        async with self.store.transaction() as session:
            await add_events(session, events, now)

    async def deliver(self, seconds: float = PATIENCE, **changed: Any) -> int:
        return await self.delivering(**changed).deliver(seconds)

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.store.transaction() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]

    async def states(self) -> dict[str, int]:
        found = await self.rows("SELECT state, count(*) FROM webhook_delivery GROUP BY 1")
        return dict(found)
