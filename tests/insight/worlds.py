"""Random sales work, written to the database and kept in memory as well."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import (
    BaseCurrency,
    Deal,
    ExchangeRate,
    Pipeline,
    Role,
    Stage,
    StageVisit,
    Team,
    User,
)

NOW = datetime(2026, 7, 15, 10, 0, tzinfo=UTC)
ZONE = "Asia/Singapore"
# key, kind, percent, category
STAGES = (
    ("lead", "open", 10, "pipeline"),
    ("offer", "open", 50, "best_case"),
    ("signing", "open", 90, "commit"),
    ("won", "won", 100, "closed"),
    ("lost", "lost", 0, "omitted"),
)
# One dollar is the base; a yen has no cents.
YEN_RATE = "0.01"


@dataclass(frozen=True)
class Stayed:
    stage: str
    entered_at: datetime
    left_at: datetime | None
    working_seconds: int | None


@dataclass
class Sold:
    """A deal as the test remembers it."""

    id: int
    owner: int | None
    pipeline: str
    currency: str | None
    amount_minor: int | None
    expected: date | None
    opened_at: datetime
    stays: list[Stayed] = field(default_factory=list)

    @property
    def stage(self) -> str:
        return self.stays[-1].stage

    @property
    def is_open(self) -> bool:
        return self.stage not in ("won", "lost")

    @property
    def closed_at(self) -> datetime | None:
        return None if self.is_open else self.stays[-1].entered_at

    @property
    def base_minor(self) -> int | None:
        """EUR has no rate; a yen is a cent."""
        if self.amount_minor is None or self.currency not in ("USD", "JPY"):
            return None
        return self.amount_minor

    def first_visit(self, stage: str) -> int | None:
        return next((n for n, one in enumerate(self.stays) if one.stage == stage), None)


@dataclass
class World:
    people: dict[int, tuple[str, str | None, int | None]]
    deals: list[Sold]

    def team(self, deal: Sold) -> str | None:
        return self.people[deal.owner][1] if deal.owner else None

    def manager(self, deal: Sold) -> int | None:
        return self.people[deal.owner][2] if deal.owner else None


async def random_world(session: AsyncSession, seed: int, deals: int = 240) -> World:
    chance = random.Random(seed)
    people = await _people(session)
    await session.execute(update(BaseCurrency).values(currency="USD"))
    await session.execute(
        insert(ExchangeRate).values(
            base_currency="USD",
            currency="JPY",
            day=date(2020, 1, 1),
            rate=YEN_RATE,
            minor_rate="1",
        )
    )
    stages = {name: await _pipeline(session, name) for name in ("direct", "partner")}
    made = [_deal(chance, number + 1, list(people)) for number in range(deals)]
    await _write(session, made, stages)
    return World(people, made)


async def _people(session: AsyncSession) -> dict[int, tuple[str, str | None, int | None]]:
    """Ben leads two of them and has no leader himself."""
    await session.execute(upsert(Role).values(key="rep", label="Rep").on_conflict_do_nothing())
    teams: dict[str | None, int] = {}
    for name in ("East", "West"):
        made = await session.execute(insert(Team).values(name=name).returning(Team.id))
        teams[name] = made.scalar_one()
    people: dict[int, tuple[str, str | None, int | None]] = {}
    for name, team, is_led in (
        ("Ben Manager", None, False),
        ("Ben Seller", "East", True),
        ("Cleo Seller", "East", True),
        ("Dan Seller", "West", True),
        ("Eve Seller", None, False),
    ):
        row = {
            "name": name,
            "name_key": name.casefold(),
            "role": "rep",
            "team_id": teams.get(team),
            "manager_id": next(iter(people)) if is_led else None,
        }
        one = await session.execute(insert(User).values(**row).returning(User.id))
        people[one.scalar_one()] = (name, team, row["manager_id"])  # type: ignore[assignment]
    return people


async def _pipeline(session: AsyncSession, key: str) -> dict[str, tuple[int, int]]:
    """(stage, pipeline) by the stage's key."""
    made = await session.execute(
        insert(Pipeline).values(key=key, label=key.title()).returning(Pipeline.id)
    )
    pipeline = made.scalar_one()
    found = {}
    for place, (name, kind, percent, category) in enumerate(STAGES):
        row = await session.execute(
            insert(Stage)
            .values(
                pipeline_id=pipeline,
                key=name,
                label=name.title(),
                kind=kind,
                position=place,
                probability_percent=percent,
                forecast_category=category,
            )
            .returning(Stage.id)
        )
        found[name] = (row.scalar_one(), pipeline)
    return found


def _deal(chance: random.Random, number: int, people: list[int]) -> Sold:
    opened = NOW - timedelta(hours=chance.randrange(24, 24 * (500 if number % 2 else 45)))
    currency = chance.choice(["USD", "USD", "JPY", "EUR", None])
    sold = Sold(
        number,
        chance.choice([*people[1:], None]),
        chance.choice(["direct", "direct", "partner"]),
        currency,
        None if currency is None else chance.randrange(1, 900_000),
        chance.choice([None, *(date(2026, 4, 1) + timedelta(days=n) for n in range(0, 400, 9))]),
        opened,
    )
    sold.stays = list(_walk(chance, opened))
    return sold


def _walk(chance: random.Random, at: datetime) -> Iterator[Stayed]:
    """Mostly forward, sometimes back or over a stage, until it closes or today is reached."""
    place = 0
    while True:
        name = STAGES[place][0]
        took = timedelta(seconds=chance.randrange(600, 86_400 * (20 + 30 * place)))
        left = at + took if place < 3 and at + took < NOW else None
        working = chance.choice([int(took.total_seconds() / 4), None]) if left else None
        yield Stayed(name, at, left, working)
        if left is None:
            return
        at = left
        place = chance.choices([4, place + 1, min(place + 2, 3), max(place - 1, 0)], [3, 6, 1, 1])[
            0
        ]


async def _write(
    session: AsyncSession, deals: list[Sold], stages: dict[str, dict[str, tuple[int, int]]]
) -> None:
    rows, visits = [], []
    for one in deals:
        stage, pipeline = stages[one.pipeline][one.stage]
        rows.append(
            {
                "name": f"Deal {one.id}",
                "owner_id": one.owner,
                "pipeline_id": pipeline,
                "stage_id": stage,
                "stage_entered_at": one.stays[-1].entered_at,
                "amount_minor": one.amount_minor,
                "currency": one.currency,
                "forecast_category": next(s[3] for s in STAGES if s[0] == one.stage),
                "expected_close_on": one.expected,
                "opened_at": one.opened_at,
                "closed_at": one.closed_at,
            }
        )
        before = None
        for stay in one.stays:
            id_ = stages[one.pipeline][stay.stage][0]
            visits.append(
                {
                    "deal_id": one.id,
                    "pipeline_id": pipeline,
                    "stage_id": id_,
                    "from_stage_id": before,
                    "entered_at": stay.entered_at,
                    "left_at": stay.left_at,
                    "working_seconds": stay.working_seconds,
                    "via": "api",
                }
            )
            before = id_
    await session.execute(insert(Deal), rows)
    await session.execute(insert(StageVisit), visits)
