"""Sealing what was written down, in batches: whoever writes does not wait for the chain."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit_chain as rows
from crm_store.audit_chain import NewSeal
from engine.services.audit_log.seals import GENESIS, content_of, seal_of

SEALED_AT_ONCE: Final = 2_000


async def seal_pending(session: AsyncSession, now: datetime) -> int:
    """Seal up to `SEALED_AT_ONCE` rows on the day of `now`; how many.

    The day is that of the sealing, so a day that is over never gets another row: one that is
    inserted later with an old time stands out.
    """
    await rows.hold_chain(session)
    said = await rows.take_pending(session, SEALED_AT_ONCE)
    if not said:
        return 0
    last = await rows.last_day(session)
    # a clock that was set back seals on the last day there is
    day = max(now.date(), last.day) if last is not None else now.date()
    is_same = last is not None and last.day == day
    head = last.head if last is not None else GENESIS
    number = last.rows if last is not None and is_same else 0
    begins_with = last.begins_with if last is not None and is_same else head
    seals: list[NewSeal] = []
    for row in said:
        content = content_of(row)
        head, number = seal_of(head, row, content), number + 1
        seals.append(NewSeal(number, row.id, content, head))
    await rows.write_seals(session, day, begins_with, seals, now)
    return len(said)
