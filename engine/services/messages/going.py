"""Who a drafted message comes from, and whether its channel and sender may send it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from engine.services.channels import Channels, Going, counted, may_go
from engine.services.messages.asks import Verdict
from engine.services.messages.drafting import MARKETING, Draft

_SAID = {
    "warm_up": "The warm-up plan lets no more go today.",
    "rate": "The rate that is set lets no more go just now.",
}


def with_senders(drafts: Sequence[Draft], channels: Channels) -> list[Draft]:
    """Those that would go have their sender, or are held because there is no such one."""
    return [_named(one, channels) for one in drafts]


async def within_limits(
    session: AsyncSession, drafts: Sequence[Draft], now: datetime
) -> list[Draft]:
    """Those that would go may, or wait until rates and warm-up plans let them; what goes is counted
    by that. So it comes last of all that may keep a message back."""
    named = list(drafts)
    at = [number for number, one in enumerate(named) if one.verdict is None and one.letter]
    going = [_going(named[number]) for number in at]
    answers = await may_go(session, going, now)
    for number, one, later in zip(at, going, answers, strict=True):
        if later is None:
            named[number] = replace(named[number], counted=counted(one, now))
        else:
            waits = replace(named[number], verdict=Verdict.LATER, code=later.code, letter=None)
            named[number] = replace(waits, message=_SAID[later.code], until=later.at)
    return named


def _named(made: Draft, channels: Channels) -> Draft:
    """The step says who writes, else the template, else the channel, else the settings."""
    if made.verdict is not None or made.letter is None:
        return made
    slug = made.ask.sender or made.letter.sender or made.ask.way.identity
    if slug is None:
        return made
    identity = channels.identity(slug)
    if identity is None:
        said = f'There is no sender "{slug}". Add it with `cadenza channel sender set`, then retry.'
        held = replace(made, verdict=Verdict.HOLD, code="unknown_sender", message=said)
        return replace(held, letter=None)
    return replace(made, identity=identity)


def _going(made: Draft) -> Going:
    assert made.recipient is not None
    address = made.ask.way.address(made.recipient.contact) or ""
    service = made.ask.purpose != MARKETING
    return Going(made.ask.way, address, made.identity, made.ask.waited, service)
