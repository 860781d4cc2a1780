"""A small company with a pipeline, for tests of deals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM, Actor
from engine.services.definitions.publishing import Published, publish
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.work import Shared, Work, working

# A Monday, nine o'clock in Berlin.
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
BEN, CLEO, MIA, EVE = 1, 2, 3, 4
_PEOPLE = (
    ("Ben", "rep", MIA),
    ("Cleo", "rep", None),
    ("Mia", "sales_manager", None),
    ("Eve", "admin", None),
)
HOURS = (
    '{"mon":[["09:00","17:00"]],"tue":[["09:00","17:00"]],"wed":[["09:00","17:00"]],'
    '"thu":[["09:00","17:00"]],"fri":[["09:00","17:00"]]}'
)
SIMPLE = """
pipeline: sales
stages:
  - {key: talk, label: Talking, label_zh: 洽谈, probability: 10}
  - {key: offer, label: Offer, label_zh: 报价, probability: 50, needs: [amount]}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
transitions:
  - {from: talk, to: offer}
  - {from: [talk, offer], to: lost, needs: lost_reason}
  - {from: offer, to: won, who: [owner, "role:sales_manager"]}
"""


def actor(user_id: int) -> Actor:
    name, role, _ = _PEOPLE[user_id - 1]
    return Actor("user", user_id, name, role)


@dataclass
class House:
    """`now` is the company's clock."""

    store: Store
    now: datetime = MONDAY
    shared: Shared = field(init=False)

    def __post_init__(self) -> None:
        self.shared = shared_of(Plans(), default_zone="Europe/Berlin")

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with working(self.store, self.shared, NoPokes(), self.now) as work:
            yield work

    async def publish(self, document: str) -> Published:
        async with self.store.transaction() as session:
            draft = read_definition(document, "test.yaml")
            return await publish(session, SYSTEM, draft, now=self.now)

    async def deal(self, **columns: Any) -> int:
        """A deal that nobody made through a door: it has no history and no clocks."""
        values = {
            "name": "Looms",
            "contact_id": None,
            "account_id": None,
            "owner_id": BEN,
            "amount_minor": None,
            "currency": None,
            "stage": "talk",
            "pipeline": "sales",
            "at": self.now,
            **columns,
        }
        made: int = await self.one(
            "INSERT INTO deal (name, contact_id, account_id, owner_id, amount_minor, currency,"
            " pipeline_id, stage_id, stage_entered_at, forecast_category, opened_at)"
            " SELECT :name, :contact_id, :account_id, :owner_id, :amount_minor, :currency, p.id,"
            " s.id, :at, 'pipeline', :at FROM pipeline p JOIN stage s ON s.pipeline_id = p.id"
            " WHERE p.key = :pipeline AND s.key = :stage RETURNING id",
            **values,
        )
        return made

    async def one(self, statement: str, **values: Any) -> Any:
        async with self.store.transaction() as session:
            return (await session.execute(text(statement), values)).scalar_one()

    async def run(self, statement: str, **values: Any) -> None:
        async with self.store.transaction() as session:
            await session.execute(text(statement), values)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.store.transaction() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


async def opened(store: Store) -> House:
    """Ben reports to Mia; everybody works from nine to five in Berlin."""
    house = House(store)
    await house.run(
        "INSERT INTO role (key, label) SELECT r, r FROM unnest(CAST(:roles AS text[])) AS r"
        " ON CONFLICT DO NOTHING",
        roles=["rep", "sales_manager", "admin"],
    )
    for name, role, _ in _PEOPLE:
        await house.run(
            'INSERT INTO "user" (name, name_key, email, email_key, role) VALUES'
            " (:name, lower(:name), lower(:name) || '@example.com',"
            " lower(:name) || '@example.com', :role)",
            name=name,
            role=role,
        )
    await house.run('UPDATE "user" SET manager_id = :mia WHERE id = :ben', mia=MIA, ben=BEN)
    await house.run(
        "UPDATE calendar SET zone = 'Europe/Berlin', hours = CAST(:hours AS jsonb), country = NULL"
        " WHERE is_default",
        hours=HOURS,
    )
    return house
