"""How PostgreSQL carries out a query: its plan, with what each part of it took."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Executable, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explain, "postgresql")
def _explain(element: _Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (ANALYZE, BUFFERS) {compiler.process(element.query, **options)}"


async def plan_of(session: AsyncSession, query: Select[Any]) -> list[str]:
    """The lines of the plan. The query is carried out; its rows are not fetched."""
    found = await session.execute(_Explain(query))
    return [row[0] for row in found]
