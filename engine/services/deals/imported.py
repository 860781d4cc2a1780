"""Deals that come with a file: placed anywhere, with their history and clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from engine.services.deals.beginning import deals_begun
from engine.services.plans import Plans
from engine.services.sharing import shared_of
from engine.services.work import Work


async def deals_imported(session: AsyncSession, ids: Sequence[int], now: datetime) -> None:
    """For new deals and those that the file has put on another stage. Nothing of the pipeline is
    asked, and its actions are not done: the file tells of what has happened already. The sweep
    begins the hosts of their clocks."""
    if ids:
        work = Work(session, now, shared_of(Plans()))
        await deals_begun(work, ids, "import")
        await work.write_runs()
