"""Publishing rules, absences and what people were told, for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from tests.driving.world import World


async def rules(world: World, text: str, name: str = "leads") -> None:
    draft = read_definition(f"assignment: {name}\n{text}", f"{name}.yaml")
    async with world.store.store.transaction() as session:
        await publish(session, SYSTEM, draft, now=world.now)


async def change(world: World, email: str, **values: Any) -> None:
    said = ", ".join(f"{name} = :{name}" for name in values)
    await world.rows(
        f'UPDATE "user" SET {said} WHERE email = :email RETURNING id', email=email, **values
    )


async def away(world: World, user_id: int, starts: datetime, ends: datetime) -> None:
    await world.rows(
        "INSERT INTO absence (user_id, starts_at, ends_at) VALUES (:id, :starts, :ends)"
        " RETURNING id",
        id=user_id,
        starts=starts,
        ends=ends,
    )


async def owners(world: World, table: str = "contact") -> list[int | None]:
    return [row[0] for row in await world.rows(f"SELECT owner_id FROM {table} ORDER BY id")]


async def notices(world: World) -> list[tuple[int, str]]:
    """(user, title), in the order of users and time."""
    found = await world.rows("SELECT user_id, title FROM notice ORDER BY user_id, id")
    return [(row[0], row[1]) for row in found]
