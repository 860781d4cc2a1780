"""Who a contact is by now: numbers and names of contacts that were merged lead to the kept one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Kinds of aliases beside the anonymous ids of visitors: what a merged contact was called.
EXTERNAL_ID: Final = "external_id"
EMAIL_KEY: Final = "email_key"


async def now_known_as(session: AsyncSession, contact_id: int) -> int:
    """The contact that this number means today; the number itself where nothing was merged."""
    found = await session.execute(
        text("SELECT kept_id FROM merged_contact WHERE lost_id = :id"), {"id": contact_id}
    )
    kept: int | None = found.scalar_one_or_none()
    return contact_id if kept is None else kept


async def known_by_former(
    session: AsyncSession, column: str, values: Collection[str]
) -> Mapping[str, int]:
    """Contacts by what they were called before they were merged: by external id or folded address
    (`column` is "external_id" or "email_key"). Names that mean nobody are left out."""
    if not values or column not in (EXTERNAL_ID, EMAIL_KEY):
        return {}
    found = await session.execute(
        text(
            "SELECT value, contact_id FROM contact_alias WHERE kind = :kind AND value = ANY(:names)"
        ),
        {"kind": column, "names": list(values)},
    )
    return {row[0]: row[1] for row in found}
