"""How many rows are open, table by table and state by state: never a walk over what has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Each has a partial index over just these states.
_OPEN: Final = {
    "effects": ("effect", ("pending", "handing_over")),
    "notice_deliveries": ("notice_delivery", ("waiting", "handing_over")),
    "webhook_deliveries": ("webhook_delivery", ("unchecked", "waiting", "handing_over", "failed")),
    "jobs": ("job", ("waiting", "running")),
    "dead_letters": ("dead_letter", ("waiting",)),
}


async def open_rows(session: AsyncSession) -> Mapping[str, Mapping[str, int]]:
    """By what they are and state; 0 where there is none."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for name, (_, states) in _OPEN.items():
        counts[name] = dict.fromkeys(states, 0)
    for name, state, count in await session.execute(text(_STATEMENT)):
        counts[name][state] = count
    return counts


def _question(name: str, table: str, states: tuple[str, ...]) -> str:
    """One count per state, because only a plain comparison is proved by a partial index."""
    return " UNION ALL ".join(
        f"SELECT '{name}', '{state}', count(*) FROM {table} WHERE state = '{state}'"  # noqa: S608
        for state in states
    )


_STATEMENT: Final = " UNION ALL ".join(
    _question(name, table, states) for name, (table, states) in _OPEN.items()
)
