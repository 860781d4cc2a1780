"""Which deals a question is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Chosen:
    """Deals of a pipeline, owner, team or manager, or all; what happened from `since` up to, not
    including, `until`. `seen_owners`: of these owners alone, and of nobody where `sees_unowned`.

    Conditions that were not asked for are left out of the statement, so that the database plans for
    what is really asked.
    """

    pipeline_id: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    manager_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    seen_owners: frozenset[int] | None = None
    sees_unowned: bool = False

    def deals(self, deal: str = "d", owner: str = "u") -> str:
        """For a deal and its owner's row, which is joined or not (`needs_owner`)."""
        asked = {
            f"{deal}.pipeline_id = :pipeline": self.pipeline_id,
            f"{deal}.owner_id = :owner": self.owner_id,
            f"{owner}.team_id = :team": self.team_id,
            f"{owner}.manager_id = :manager": self.manager_id,
        }
        known = [said for said, value in asked.items() if value is not None]
        return " AND ".join(["TRUE", *known, *self.seen(f"{deal}.owner_id")])

    def seen(self, column: str) -> list[str]:
        """What keeps to the owners whose deals may be seen; `column` has the owner."""
        if self.seen_owners is None:
            return []
        own = f"{column} = ANY(CAST(:seen AS bigint[]))"
        return [f"({own} OR {column} IS NULL)" if self.sees_unowned else own]

    def within(self, column: str) -> str:
        bounds = []
        if self.since is not None:
            bounds.append(f"{column} >= :since")
        if self.until is not None:
            bounds.append(f"{column} < :until")
        return " AND ".join(bounds) or "TRUE"

    @property
    def names_people(self) -> bool:
        asked = (self.owner_id, self.team_id, self.manager_id)
        return any(asked) or self.seen_owners is not None

    def parameters(self) -> Mapping[str, Any]:
        return {
            "pipeline": self.pipeline_id,
            "owner": self.owner_id,
            "team": self.team_id,
            "manager": self.manager_id,
            "since": self.since,
            "until": self.until,
            "seen": sorted(self.seen_owners or ()),
        }


@dataclass(frozen=True, slots=True)
class PipelineRow:
    id: int
    key: str
    label: str
    label_zh: str | None


async def pipelines(session: AsyncSession) -> list[PipelineRow]:
    """The one with the most deals first."""
    found = await session.execute(
        text(
            """
            SELECT p.id, p.key, p.label, p.label_zh FROM pipeline p
            ORDER BY (SELECT count(*) FROM deal WHERE pipeline_id = p.id) DESC, p.id
            """
        )
    )
    return [PipelineRow(*row) for row in found]


@dataclass(frozen=True, slots=True)
class StageRow:
    id: int
    pipeline_id: int
    key: str
    label: str
    label_zh: str | None
    kind: str
    position: int
    probability_percent: int


async def stages(session: AsyncSession, pipeline_id: int | None = None) -> list[StageRow]:
    """In order; retired ones are among them, because deals once stood there."""
    found = await session.execute(
        text(
            "SELECT id, pipeline_id, key, label, label_zh, kind, position, probability_percent"
            " FROM stage WHERE CAST(:pipeline AS bigint) IS NULL OR pipeline_id = :pipeline"
            " ORDER BY pipeline_id, position, id"
        ),
        {"pipeline": pipeline_id},
    )
    return [StageRow(*row) for row in found]


async def names_of_people(session: AsyncSession) -> dict[int, str]:
    found = await session.execute(text('SELECT id, name FROM "user"'))
    return {row[0]: row[1] for row in found}


async def names_of_teams(session: AsyncSession) -> dict[int, str]:
    found = await session.execute(text("SELECT id, name FROM team"))
    return {row[0]: row[1] for row in found}
