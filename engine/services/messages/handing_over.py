"""Handing prepared messages to a channel, with every way it can end turned into an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.channels.base import Channel, Refused, Unclear, Unreachable
from engine.services.messages.asks import Answer, Prepared, SendResult


async def hand_over(channel: Channel, prepared: Prepared) -> SendResult:
    """Send one message. The transaction that prepared it must have committed."""
    identity, effect = prepared.message_id, prepared.ask.effect_id
    try:
        await channel.send(prepared.outgoing)
    except Refused as error:
        return SendResult(identity, effect, Answer.REFUSED, error.code, error.reason)
    except Unreachable as error:
        return SendResult(
            identity, effect, Answer.UNREACHABLE, error.code, error.reason, error.retry_after
        )
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
