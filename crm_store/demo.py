"""Filling an empty database at speed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, Tag

_FILLED = (
    *("account", "contact", "consent", "contact_tag", '"order"', "deal", "ticket", "event"),
    "stage_visit",
)
# A deal beyond the first stage of its pipeline began there, when it was opened.
_STAYS = """
INSERT INTO stage_visit (deal_id, pipeline_id, stage_id, from_stage_id, entered_at, left_at, via)
SELECT d.id, d.pipeline_id, f.id, NULL, d.opened_at, d.stage_entered_at, 'import'
FROM deal d JOIN stage s ON s.id = d.stage_id
JOIN stage f ON f.pipeline_id = d.pipeline_id AND f.position = 0 WHERE s.position > 0
UNION ALL
SELECT d.id, d.pipeline_id, s.id, f.id, d.stage_entered_at, NULL, 'import'
FROM deal d JOIN stage s ON s.id = d.stage_id
LEFT JOIN stage f ON f.pipeline_id = d.pipeline_id AND f.position = 0 AND s.position > 0
"""


async def alone(session: AsyncSession) -> None:
    """Until the transaction ends nobody else fills this database or makes accounts or contacts."""
    await session.execute(text("LOCK TABLE account, contact IN SHARE ROW EXCLUSIVE MODE"))


async def has_no_contacts(session: AsyncSession) -> bool:
    return await session.scalar(select(Contact.id).limit(1)) is None


async def reserve_ids(session: AsyncSession, table: str, count: int) -> range:
    """Consecutive new ids of a table that `alone` holds."""
    sequence = f"pg_get_serial_sequence('{table}', 'id')"
    last = await session.scalar(
        text(f"SELECT setval({sequence}, nextval({sequence}) + :more)"),
        {"more": count - 1},
    )
    assert last is not None
    return range(last - count + 1, last + 1)


async def add_tags(session: AsyncSession, names: Sequence[str]) -> None:
    rows = [{"name": name} for name in names]
    await session.execute(insert(Tag).values(rows).on_conflict_do_nothing())


async def write_stays(session: AsyncSession) -> None:
    """The history of the deals that were filled in."""
    await session.execute(text(_STAYS))


async def learn_statistics(session: AsyncSession) -> None:
    """So that the first pages are planned well, before the server looks at the tables itself."""
    await session.execute(text(f"ANALYZE {', '.join(_FILLED)}"))
