"""The firm itself: teams, people who sell, products, a pipeline, and the accounts it deals with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bulk
from crm_store.base import folded
from crm_store.imports import make_pipeline, pipeline_keys, stages_of
from crm_store.models import ForecastCategory, StageKind
from engine.services.demo.cultures import CULTURES
from engine.services.people import ensure_roles

PIPELINE: Final = "demo_sales"
_TEAMS: Final = ("Americas", "Europe", "Asia Pacific")
_PRODUCTS: Final = (
    ("starter-kit", "Starter Kit", "Kits", 4900),
    ("metronome", "Metronome", "Devices", 8900),
    ("studio-desk", "Studio Desk", "Furniture", 64900),
    ("sound-panel", "Sound Panel", "Furniture", 21900),
    ("tuner-pro", "Tuner Pro", "Devices", 12900),
    ("care-plan", "Care Plan", "Services", 2900),
)
_STAGES: Final = (
    ("new", "New", StageKind.OPEN, 10, ForecastCategory.PIPELINE),
    ("proposal", "Proposal sent", StageKind.OPEN, 40, ForecastCategory.BEST_CASE),
    ("negotiation", "Negotiation", StageKind.OPEN, 70, ForecastCategory.COMMIT),
    ("won", "Won", StageKind.WON, 100, ForecastCategory.CLOSED),
    ("lost", "Lost", StageKind.LOST, 0, ForecastCategory.OMITTED),
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST: Final = _words(
    """
    Alder Beacon Cedar Delta Ember Falcon Granite Harbor Indigo Juniper Kestrel Lantern
    Maple Nimbus Orchard Prairie Quarry Raven Summit Tidal Umber Violet Willow Yonder Zephyr
    """
)
_SECOND: Final = _words(
    """
    Analytics Bakery Cargo Dental Energy Foods Gardens Hotels Instruments Labs Logistics
    Media Motors Networks Optics Paper Robotics Stores Textiles Travel
    """
)
_INDUSTRIES: Final = (
    "technology", "retail", "hospitality", "manufacturing", "health", "education", "finance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staff:
    owner_ids: Sequence[int]
    product_ids: Sequence[int]
    pipeline_id: int
    stages: Sequence[Any]


async def make_company(session: AsyncSession, rnd: random.Random, now: datetime) -> Staff:
    await ensure_roles(session)
    team_ids = await bulk.allocate_ids(session, "team", len(_TEAMS))
    teams = [{"id": i, "name": name} for i, name in zip(team_ids, _TEAMS, strict=True)]
    made = await bulk.insert_rows(session, "team", ["id", "name"], teams)
    user_ids = await bulk.allocate_ids(session, "user", 9)
    users = [
        _user(rnd, user_id, number, user_ids, [t if t in made else None for t in team_ids])
        for number, user_id in enumerate(user_ids)
    ]
    await bulk.insert_rows(session, "user", list(users[0]), users)
    product_ids = await bulk.allocate_ids(session, "product", len(_PRODUCTS))
    products = [
        {
            "id": product_id,
            "sku": f"demo-{sku}",
            "name": name,
            "name_key": folded(name),
            "family": family,
            "price_minor": price,
            "currency": "USD",
            "created_at": now,
        }
        for product_id, (sku, name, family, price) in zip(product_ids, _PRODUCTS, strict=True)
    ]
    await bulk.insert_rows(session, "product", list(products[0]), products)
    if PIPELINE not in await pipeline_keys(session):
        keys = ("key", "label", "kind", "probability_percent", "forecast_category")
        stages = [dict(zip(keys, stage, strict=True)) for stage in _STAGES]
        await make_pipeline(session, PIPELINE, "Sales", stages)
    stages_now = await stages_of(session, PIPELINE)
    return Staff(user_ids[3:], product_ids, stages_now[0].pipeline_id, stages_now)


def _user(
    rnd: random.Random, user_id: int, number: int, ids: Sequence[int], teams: Sequence[int | None]
) -> dict[str, Any]:
    """The first three lead a team each. Nobody has a password: they own records."""
    culture = CULTURES[(0, 2, 1)[number % 3]]
    (first, first_latin), (last, last_latin) = rnd.choice(culture.given), rnd.choice(culture.family)
    name = f"{last}{first}" if culture.language == "zh" else f"{first} {last}"
    email = f"{first_latin}.{last_latin}.{number}@example.com"
    return {
        "id": user_id,
        "external_id": f"demo-user-{number}",
        "email": email,
        "email_key": email,
        "name": name,
        "name_key": folded(name),
        "role": "sales_manager" if number < 3 else "rep",
        "team_id": teams[number % 3],
        "manager_id": None if number < 3 else ids[number % 3],
        "password_is_one_time": False,
        "credential_epoch": 0,
        "language": "zh" if culture.language == "zh" else "en",
        "active": True,
    }


ACCOUNT_COLUMNS: Final = (
    "id", "external_id", "name", "name_key", "domain", "industry", "employee_count",
    "annual_revenue_minor", "currency", "country", "city", "year_founded", "owner_id",
    "created_at", "updated_at",
)  # fmt: skip


def account_row(
    rnd: random.Random, account_id: int, number: int, owner_ids: Sequence[int], now: datetime
) -> tuple[Any, ...]:
    series, place = divmod(number, len(_FIRST) * len(_SECOND))
    second, first = divmod(place, len(_FIRST))
    name = f"{_FIRST[first]} {_SECOND[(second + first) % len(_SECOND)]}"
    if series:
        name = f"{name} {series + 1}"
    where = rnd.choice(rnd.choice(CULTURES).places)
    employees = int(rnd.lognormvariate(4, 1.4)) + 1
    created = now - timedelta(days=rnd.randrange(30, 1500))
    return (
        account_id,
        f"demo-account-{number}",
        name,
        folded(name),
        f"{name.lower().replace(' ', '-')}.example.com",
        rnd.choice(_INDUSTRIES),
        employees,
        employees * rnd.randrange(60_000, 250_000) * 100,
        where.currency,
        where.country,
        where.city,
        rnd.randrange(1950, now.year),
        rnd.choice(owner_ids),
        created,
        created,
    )
