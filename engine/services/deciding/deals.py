"""Who makes and moves deals for flows, as the ledger sees it.

Deals move in one place for all doors (`engine.services.deals`), which knows whole transactions; it
is handed in, so that the ledger those transactions use need not know it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from engine.services.deciding.asked import AskedRun, Begun
from engine.steps.questions import MakeDeal, MoveDeal, Verdict


class DealDesk(Protocol):
    """`engine.services.deals.for_flows.FlowDeals`. The contacts are held; what is to be told after
    the commit is added to `begun`."""

    async def make(
        self,
        session: AsyncSession,
        asked: Sequence[AskedRun[MakeDeal]],
        now: datetime,
        begun: Begun,
    ) -> Mapping[int, Verdict]:
        """Verdicts by run: "done", or why the deal could stand nowhere."""
        ...

    async def move(
        self,
        session: AsyncSession,
        asked: Sequence[AskedRun[MoveDeal]],
        now: datetime,
        begun: Begun,
    ) -> Mapping[int, Verdict]:
        """Verdicts by run: "moved", "no_deal" or "refused", with the reasons."""
        ...
