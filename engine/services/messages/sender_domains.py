"""The domain a message comes from: what is sent by it is judged together, and may have to wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.sender_health import paused_domains
from crm_store.sending import NewDeferral, add_deferrals
from engine.channels.address import on_the_wire
from engine.services.messages.asks import EMAIL, SenderSettings, Verdict
from engine.services.messages.drafting import MARKETING, Draft

PAUSED: Final = "sender_paused"
SAID: Final = "Too much mail from this sender's domain came back; it waits until somebody resumes."
# Resuming wakes what waits; a look now and then is for what fell between. Each leaves a row.
LOOK_AGAIN: Final = timedelta(hours=1)


def sender_domain(made: Draft, settings: SenderSettings) -> str | None:
    """None for what is no mail."""
    if made.ask.medium != EMAIL:
        return None
    return _domain((made.identity.sender if made.identity else settings.sender).address)


async def unless_paused(
    session: AsyncSession, drafts: Sequence[Draft], settings: SenderSettings, now: datetime
) -> list[Draft]:
    """The same drafts in their order; marketing of a domain that must rest waits. What is paused
    later stops nothing that is being handed over."""
    marketing = [one for one in drafts if _would_go(one) and one.ask.purpose == MARKETING]
    if not marketing:
        return list(drafts)
    paused = await paused_domains(session)
    resting = {id(one) for one in marketing if sender_domain(one, settings) in paused}
    until = now + LOOK_AGAIN
    told = [
        NewDeferral(one.ask.effect_id, PAUSED, until, {"domain": sender_domain(one, settings)})
        for one in marketing
        if id(one) in resting
    ]
    if told:
        await add_deferrals(session, told, now)
    return [_waiting(one, until) if id(one) in resting else one for one in drafts]


def _would_go(made: Draft) -> bool:
    return made.verdict is None and made.letter is not None


def _waiting(made: Draft, until: datetime) -> Draft:
    waits = replace(made, verdict=Verdict.LATER, code=PAUSED, message=SAID, letter=None)
    return replace(waits, until=until)


@lru_cache(maxsize=256)
def _domain(address: str) -> str:
    return on_the_wire(address).rpartition("@")[2].lower()
