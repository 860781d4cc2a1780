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
from tests.api.operation import KEEPERS, Operation

CHAIN = InlineChain(
    {
        "calendar": "none",
        "levels": [{"key": "asked", "approvers": [{"role": "marketer"}], "nobody": "hold"}],
    }
)
APPROVALS = (
    Operation("list_approvals", "GET", "/api/approvals", ("read:approval",), KEEPERS),
    Operation("get_approval", "GET", "/api/approvals/1", ("read:approval",), KEEPERS),
    Operation(
        "answer_approval",
        "POST",
        "/api/approvals/1/answers",
        ("write:approval",),
        KEEPERS,
        {"verb": "comment", "comment": "Why?"},
        changes=True,
    ),
    Operation(
        "answer_approvals",
        "POST",
        "/api/approvals/answers",
        ("write:approval",),
        KEEPERS,
        {"ids": [1], "verb": "approve"},
        changes=True,
    ),
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
