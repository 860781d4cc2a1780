"""Messages that wait for their channel or their sender, and not because the arbiter said so.

Such waits are written down as the arbiter's are: the run's page and `cadenza why` tell them, and
after `longest_wait` they end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import sending as rows
from engine.services.messages.asks import Verdict
from engine.services.messages.drafting import Draft
from engine.services.sending.arbiter import Arbiter

# The arbiter writes down those that it makes wait.
_NOT_RULED: Final = frozenset({*rows.RESTING, "rate", "warm_up"})
# A turn that comes within seconds is no wait that anybody asks about.
_WORTH_TELLING: Final = timedelta(minutes=1)


async def not_for_ever(
    session: AsyncSession, drafts: Sequence[Draft], arbiter: Arbiter, now: datetime
) -> list[Draft]:
    """The same drafts in their order; what has been kept back for as long as the policy lets
    anything wait is withheld, and the waits of the others are written down."""
    kept = [one for one in drafts if one.verdict is Verdict.LATER and one.code in _NOT_RULED]
    if not kept:
        return list(drafts)
    longest = (await arbiter.house(session)).policy.longest_wait
    since = await rows.waiting_since(session, [one.ask.effect_id for one in kept])
    too_long = {id(one) for one in kept if longest and _waited(one, since) > longest}
    waits = [_deferral(one) for one in kept if id(one) not in too_long and _told(one, now)]
    await rows.keep_deferrals(session, waits, now)
    return [_withheld(one) if id(one) in too_long else one for one in drafts]


def _waited(one: Draft, since: Mapping[int, datetime]) -> timedelta:
    """How long it will have waited by the time it is looked at again. Nothing is given up at the
    first look: a long line is no reason not to join it."""
    began = since.get(one.ask.effect_id)
    return timedelta() if began is None or one.until is None else one.until - began


def _told(one: Draft, now: datetime) -> bool:
    return one.until is not None and one.until - now >= _WORTH_TELLING


def _deferral(one: Draft) -> rows.NewDeferral:
    assert one.until is not None
    assert one.code is not None
    return rows.NewDeferral(one.ask.effect_id, one.code, one.until, {})


def _withheld(one: Draft) -> Draft:
    return replace(one, verdict=Verdict.WITHHELD, code="waited_too_long", message=None, until=None)
