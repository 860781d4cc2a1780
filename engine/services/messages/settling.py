"""Finding out about messages that were handed over without an answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import messages as rows
from crm_store import open_messages
from crm_store.models import MessageState
from crm_store.open_messages import MaybeSent
from engine.channels.base import Known
from engine.errors import Conflict, NotFound
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.messages.sent_events import NOBODY, Listeners


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message whose hand-over began and whose answer nobody has."""

    effect_id: int
    message_id: int
    provider_key: str
    purpose: str
    channel: str


class Settlement(StrEnum):
    """What is done about it. `maybe_sent` is final unless a person knows better."""

    SENT = "sent"
    SEND_AGAIN = "send_again"
    MAYBE_SENT = "maybe_sent"


_STATES = {
    Settlement.SENT: MessageState.SENT.value,
    Settlement.SEND_AGAIN: rows.PUT_OFF,
    Settlement.MAYBE_SENT: MessageState.MAYBE_SENT.value,
}


async def unanswered(session: AsyncSession, effect_ids: Collection[int]) -> list[Unanswered]:
    """The open hand-overs of these effects; an effect without one was never handed over."""
    found = await rows.open_hand_overs(session, effect_ids)
    return [Unanswered(*row) for row in found]


def decide(known: Known, purpose: str) -> Settlement:
    """Marketing goes out at most once, service at least once, and both exactly once where the
    provider can tell."""
    if known is Known.SENT:
        return Settlement.SENT
    if known is Known.ABSENT:
        return Settlement.SEND_AGAIN
    return Settlement.SEND_AGAIN if purpose == "service" else Settlement.MAYBE_SENT


async def settle(
    session: AsyncSession,
    decisions: Sequence[tuple[int, Settlement]],
    now: datetime,
    listeners: Listeners = NOBODY,
) -> frozenset[int]:
    """Record settlements by message id. A message that got its answer meanwhile keeps it. Returns
    the dispatch partitions to poke."""
    answers = [(identity, _STATES[decision], "settled") for identity, decision in decisions]
    return await rows.write_answers(session, answers, now, listeners.queue_in, listeners.said)


async def list_maybe_sent(
    session: AsyncSession, *, flow_id: int | None = None, after_id: int = 0, limit: int = 100
) -> list[MaybeSent]:
    """The open cases, oldest first; for the next page give the last id as `after_id`."""
    return await open_messages.maybe_sent(
        session, flow_id=flow_id, after_id=after_id, limit=min(limit, 500)
    )


async def settle_by_hand(
    session: AsyncSession, actor: Actor, message_id: int, *, was_sent: bool, now: datetime
) -> None:
    """A person found out whether a *maybe sent* message arrived. The run has long gone on, so this
    only puts the record right; it sends nothing. Raises NotAllowed, NotFound, Conflict."""
    allowed(actor, "edit", "message")
    known = await open_messages.lock_state(session, message_id)
    if known is None:
        raise NotFound(f"There is no message {message_id}.")
    if known != MessageState.MAYBE_SENT:
        raise Conflict(f'The message is "{known}"; only "maybe_sent" ones can be settled.')
    state = MessageState.SENT.value if was_sent else MessageState.REFUSED.value
    await rows.write_answers(session, [(message_id, state, "settled_by_hand")], now)
    before, after = {"state": known}, {"state": state}
    await audit.record(session, actor, "settle", "message", message_id, before, after)
