"""Writing down what became of messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import messages as rows
from crm_store.models import MessageState
from engine.services.messages.asks import Answer, SendResult
from engine.services.messages.sent_events import NOBODY, Listeners

_STATES = {
    Answer.ACCEPTED: MessageState.SENT.value,
    Answer.REFUSED: MessageState.REFUSED.value,
    Answer.UNREACHABLE: rows.PUT_OFF,
}


async def record(
    session: AsyncSession,
    results: Sequence[SendResult],
    now: datetime,
    listeners: Listeners = NOBODY,
) -> frozenset[int]:
    """Record answers. Twice is once; a message that has its answer keeps it. Returns the dispatch
    partitions to poke.

    An unclear one stays as being handed over, with the reason noted, until it is settled.
    """
    clear = [
        (result.message_id, _STATES[result.answer], _reason(result))
        for result in results
        if result.answer is not Answer.UNCLEAR
    ]
    told = await rows.write_answers(session, clear, now, listeners.queue_in, listeners.said)
    unclear = [
        (result.message_id, _reason(result) or Answer.UNCLEAR.value)
        for result in results
        if result.answer is Answer.UNCLEAR
    ]
    await rows.note_reasons(session, unclear)
    return told


def _reason(result: SendResult) -> str | None:
    if result.code is None:
        return None
    return f"{result.code}: {result.reason}" if result.reason else result.code
