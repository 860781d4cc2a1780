"""Requests that marketers are asked about."""

from __future__ import annotations

from datetime import datetime

from crm_store.session import Store
from engine.services.approvals import Amount, Ask, InlineChain, open_requests
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.work import working
from engine.steps.words import Words

CHAIN = InlineChain(
    {
        "calendar": "none",
        "levels": [{"key": "asked", "approvers": [{"role": "marketer"}], "nobody": "hold"}],
    }
)


async def furnish_approvals(store: Store, now: datetime, requester_id: int | None = None) -> None:
    asks = [
        Ask(
            CHAIN,
            "thing",
            number,
            requester_id,
            Words("Ten percent", "九折"),
            amount=Amount(125_000, "EUR"),
            facts={"stage": "Negotiation"},
            key=f"thing:{number}",
        )
        for number in (1, 2)
    ]
    async with working(store, shared_of(Plans()), NoPokes(), now) as work:
        await open_requests(work, asks)
