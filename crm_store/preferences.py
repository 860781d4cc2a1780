"""What contacts chose for themselves: topics, how often, and not to be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Frequency


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """`topics` by slug; what is not there was never chosen."""

    frequency: str = Frequency.EVERY.value
    unmeasured: bool = False
    topics: Mapping[str, bool] = field(default_factory=dict)


async def preference_of(session: AsyncSession, contact_id: int) -> PreferenceRow:
    """What holds for whoever never chose, where nothing was."""
    found = await session.execute(
        text("SELECT frequency, unmeasured, topics FROM contact_preference WHERE contact_id = :id"),
        {"id": contact_id},
    )
    row = found.one_or_none()
    return PreferenceRow() if row is None else PreferenceRow(*row)


async def put_preference(
    session: AsyncSession, contact_id: int, wanted: PreferenceRow, now: datetime
) -> None:
    """Replace what was chosen before."""
    await session.execute(
        text(
            """
            INSERT INTO contact_preference (contact_id, frequency, unmeasured, topics, updated_at)
            VALUES (:contact, :frequency, :unmeasured, CAST(:topics AS jsonb), :now)
            ON CONFLICT (contact_id) DO UPDATE SET
                frequency = excluded.frequency, unmeasured = excluded.unmeasured,
                topics = excluded.topics, updated_at = excluded.updated_at
            """
        ),
        {
            "contact": contact_id,
            "frequency": wanted.frequency,
            "unmeasured": wanted.unmeasured,
            "topics": orjson.dumps(wanted.topics).decode(),
            "now": now,
        },
    )
