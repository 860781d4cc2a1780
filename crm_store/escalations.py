"""What must be taken up by somebody, and who has been told so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset

# The run stands on the node still, on the visit of one of this case's levels.
_IS_OPEN = """
    e.acknowledged_at IS NULL AND r.state <> 'ended' AND r.node = e.node
    AND (r.memo -> 'step' ->> 'case')::bigint = e.visit
"""
_COLUMNS = f"""
    e.id, e.run_id, e.flow_id, e.node, e.visit, e.contact_id, e.level, e.told_ids, e.title, e.body,
    e.opened_at, e.acknowledged_by_id, e.acknowledged_at, {_IS_OPEN}
"""


class NewLevel(NamedTuple):
    """A level that is being told; `visit` is that of the first level."""

    run_id: int
    flow_id: int
    node: str
    visit: int
    contact_id: int
    level: int
    told_ids: list[int]
    title: str
    body: str


class CaseRow(NamedTuple):
    """`is_open`: nobody has taken it up, and the run still waits for that."""

    id: int
    run_id: int
    flow_id: int
    node: str
    visit: int
    contact_id: int
    level: int
    told_ids: list[int]
    title: str
    body: str
    opened_at: datetime
    acknowledged_by_id: int | None
    acknowledged_at: datetime | None
    is_open: bool


async def put_levels(
    session: AsyncSession, levels: Sequence[NewLevel], now: datetime
) -> dict[tuple[int, str, int], int]:
    """Case ids by run, node and first visit. Those told before stay among those told."""
    if not levels:
        return {}
    found = await session.execute(
        text(
            """
            INSERT INTO escalation_case (run_id, flow_id, node, visit, contact_id, level, told_ids,
                                         title, body, opened_at)
            SELECT new.run_id, new.flow_id, new.node, new.visit, new.contact_id, new.level,
                   ARRAY(SELECT jsonb_array_elements_text(new.told_ids)::bigint),
                   new.title, new.body, :now
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(run_id bigint, flow_id bigint, node text, visit bigint, contact_id bigint,
                       level bigint, told_ids jsonb, title text, body text)
            ON CONFLICT (run_id, node, visit) DO UPDATE SET
                level = greatest(escalation_case.level, excluded.level),
                told_ids = ARRAY(SELECT DISTINCT unnest(escalation_case.told_ids
                                                        || excluded.told_ids) ORDER BY 1)
            RETURNING run_id, node, visit, id
            """
        ),
        {"now": now, "rows": rowset([one._asdict() for one in levels])},
    )
    return {(row[0], row[1], row[2]): row[3] for row in found}


async def lock_case(session: AsyncSession, case_id: int) -> CaseRow | None:
    """The case, locked against others who take it up; its run is not locked."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM escalation_case e JOIN run r ON r.id = e.run_id
            WHERE e.id = :id FOR UPDATE OF e
            """  # noqa: S608 - the columns are a constant
        ),
        {"id": case_id},
    )
    row = found.one_or_none()
    return None if row is None else CaseRow._make(row)


async def open_cases(
    session: AsyncSession, told_id: int | None, *, after: int, limit: int
) -> list[CaseRow]:
    """What waits to be taken up, the oldest first; what one person was told of, or everything."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM escalation_case e JOIN run r ON r.id = e.run_id
            WHERE {_IS_OPEN} AND e.id > :after
              AND (CAST(:told AS bigint) IS NULL OR :told = ANY(e.told_ids))
            ORDER BY e.id LIMIT :limit
            """  # noqa: S608 - the columns are a constant
        ),
        {"told": told_id, "after": after, "limit": limit},
    )
    return [CaseRow._make(row) for row in found]


async def write_acknowledgement(
    session: AsyncSession, case_id: int, by_id: int, now: datetime
) -> None:
    """The row must be locked and open."""
    await session.execute(
        text(
            "UPDATE escalation_case SET acknowledged_by_id = :by, acknowledged_at = :now"
            " WHERE id = :id AND acknowledged_at IS NULL"
        ),
        {"id": case_id, "by": by_id, "now": now},
    )
