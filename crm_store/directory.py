"""Everybody who works here, their teams and absences, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# How many, the first and the last: whatever is written or forgotten changes one of the three.
Mark = tuple[int, int | None, int | None]


class PersonRow(NamedTuple):
    id: int
    name: str
    email: str | None
    role: str
    team: str | None
    manager_id: int | None
    active: bool
    language: str
    zone: str | None
    calendar: str | None
    skills: list[str]
    territories: list[str]


class TeamRow(NamedTuple):
    name: str
    head_id: int | None
    calendar: str | None


class AbsenceRow(NamedTuple):
    user_id: int
    starts_at: datetime
    ends_at: datetime
    deputy_id: int | None


async def people_mark(session: AsyncSession) -> Mark:
    """Something that is another after each change of people that was committed."""
    found = await session.execute(text("SELECT count(*), min(id), max(id) FROM people_change"))
    count, first, last = found.one()
    return count, first, last


async def person_rows(session: AsyncSession) -> list[PersonRow]:
    found = await session.execute(
        text(
            """
            SELECT u.id, u.name, u.email, u.role, t.name, u.manager_id, u.active, u.language,
                   u.zone, u.calendar, u.skills, u.territories
            FROM "user" u LEFT JOIN team t ON t.id = u.team_id ORDER BY u.id
            """
        )
    )
    return [PersonRow._make(row) for row in found]


async def team_rows(session: AsyncSession) -> list[TeamRow]:
    found = await session.execute(text("SELECT name, head_id, calendar FROM team ORDER BY name"))
    return [TeamRow._make(row) for row in found]


async def absence_rows(session: AsyncSession) -> list[AbsenceRow]:
    """All that were ever entered: what was decided in the past can be explained."""
    found = await session.execute(
        text("SELECT user_id, starts_at, ends_at, deputy_id FROM absence ORDER BY starts_at, id")
    )
    return [AbsenceRow._make(row) for row in found]
