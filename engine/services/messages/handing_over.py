"""Handing prepared messages to a channel, with every way it can end turned into an answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from engine.channels.base import Channel, Refused, Unclear, Unreachable
from engine.services.messages.asks import Answer, Prepared, SendResult
from engine.telemetry.counts import SENDS
from engine.telemetry.faults import where
from engine.telemetry.tracing import span

log = logging.getLogger(__name__)


async def hand_over(channel: Channel, prepared: Prepared) -> SendResult:
    """Send one message. The transaction that prepared it must have committed."""
    ask = prepared.ask
    with span("send message", message_id=prepared.message_id, run_id=ask.run_id) as told:
        result = await _answer(channel, prepared)
        told.note(outcome=result.answer.value)
    SENDS.labels(ask.medium, result.answer.value).inc()
    return result


async def _answer(channel: Channel, prepared: Prepared) -> SendResult:
    identity, effect = prepared.message_id, prepared.ask.effect_id
    try:
        await channel.send(prepared.outgoing)
    except Refused as error:
        return SendResult(identity, effect, Answer.REFUSED, error.code, error.reason)
    except Unreachable as error:
        put_off = SendResult(identity, effect, Answer.UNREACHABLE, error.code, error.reason)
        return replace(put_off, retry_after=error.retry_after, give_back=prepared.counted)
    except Unclear as error:
        return SendResult(identity, effect, Answer.UNCLEAR, error.code, error.reason)
    return SendResult(identity, effect, Answer.ACCEPTED)


async def hand_over_all(channel: Channel, prepared: Sequence[Prepared]) -> list[SendResult]:
    """Send a group side by side; the channel bounds how many at once. Results in the group's order.

    Anything but a channel's own errors is a fault: it is raised after all others have ended, so
    that no message is cut off by another one's trouble.
    """
    ended = await asyncio.gather(
        *(hand_over(channel, one) for one in prepared), return_exceptions=True
    )
    for result in ended:
        if isinstance(result, BaseException):
            raise result
    return [result for result in ended if isinstance(result, SendResult)]


async def hand_over_while(
    channel: Channel,
    prepared: Sequence[Prepared],
    *,
    still_ours: Callable[[], Awaitable[bool]],
    every: timedelta,
) -> list[SendResult]:
    """`hand_over_all` for a group that is claimed, with one result for each message, come what may.

    `still_ours` is asked every so often and renews the claim. Once it says no, others may begin to
    ask about these messages: what is still under way is cut off and stays unclear. A fault makes
    its own message unclear and leaves the results of the others alone.
    """
    under_way = [asyncio.create_task(_ended(channel, one)) for one in prepared]
    while under_way:
        _, pending = await asyncio.wait(under_way, timeout=every.total_seconds())
        if not pending:
            break
        if not await still_ours():
            for task in pending:
                task.cancel()
            await asyncio.wait(pending)
            break
    return [task.result() for task in under_way]


async def _ended(channel: Channel, prepared: Prepared) -> SendResult:
    identity, effect = prepared.message_id, prepared.ask.effect_id
    try:
        return await hand_over(channel, prepared)
    except asyncio.CancelledError:  # only `hand_over_while` cancels, and it wants the result
        return SendResult(identity, effect, Answer.UNCLEAR, "claim_lost", "It took too long.")
    except Exception as error:  # noqa: BLE001 - the mails beside it went out
        # without the words of the error, which may be those of the letter
        log.error("message %s could not be handed over: %s", identity, where(error))
        return SendResult(identity, effect, Answer.UNCLEAR, "internal_fault", "See the log.")
