"""The message as signed JSON to an own gateway (Standard Webhooks).

The gateway is told our id in `webhook-id`, the same at every try: that is by what it drops what it
has already. Answers mean what they mean to a flow's own calls: 2xx is taken; 408, 425, 429 and 5xx
are tried again; the rest is refused. Only a call without any answer may have been taken.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from standardwebhooks import Webhook

from engine.channels.base import Attachment, Known, OutgoingMessage, Refused, Unclear, Unreachable
from engine.channels.pace import Pace
from engine.outgoing import Answered, Call, NoAnswer, NotAllowed, NotSent, Outgoing
from engine.outgoing.sorting import is_later, pause_asked_for

TIMEOUT: Final = timedelta(seconds=10)
# Bounds how many messages may be unclear after a crash.
GROUP: Final = 32
_TURN_WITHIN_SECONDS: Final = 10.0


def document(message: OutgoingMessage) -> dict[str, Any]:
    """What the gateway reads; docs/channels.md names every field."""
    return {
        "type": "message.send",
        "id": message.provider_key,
        "medium": message.medium,
        "to": message.to,
        "from": {
            "address": message.sender.address,
            "name": message.sender.name,
            "reply_to": message.sender.reply_to,
        },
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "headers": dict(message.headers),
        "categories": list(message.categories),
        "attachments": [_attached(one) for one in message.attachments],
    }


def _attached(one: Attachment) -> dict[str, Any]:
    return {
        "name": one.name,
        "content_type": one.content_type,
        "content_id": one.content_id,
        "content": b64encode(one.content).decode(),
    }


class WebhookChannel:
    """One call a message over the pooled outgoing client, which the caller closes. `secret` signs
    (`whsec_...`); raises ValueError when it cannot."""

    group_size = GROUP

    def __init__(
        self,
        name: str,
        url: str,
        secret: str,
        outgoing: Outgoing,
        *,
        per_second: float | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self._url = url
        self._signs = Webhook(secret)
        self._outgoing = outgoing
        self._pace = Pace(per_second)
        self._now = now

    async def send(self, message: OutgoingMessage) -> None:
        body = orjson.dumps(document(message))
        by = asyncio.get_running_loop().time() + _TURN_WITHIN_SECONDS
        if not await self._pace.turn(by):
            raise Unreachable("busy", "The pace that is set lets no more messages through now.")
        await message.begins()
        call = Call("POST", self._url, self._headers(message, body), body, TIMEOUT)
        try:
            answer = await self._outgoing.send(call)
        except (NotSent, NotAllowed) as error:
            raise Unreachable(error.code, error.reason) from error
        except NoAnswer as error:
            raise Unclear(error.code, error.reason) from error
        _sort(answer, self._now())

    async def ask(self, provider_key: str) -> Known:
        """There is no question for it in the standard."""
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        """The connections belong to the outgoing client."""

    def _headers(self, message: OutgoingMessage, body: bytes) -> dict[str, str]:
        identity, now = f"msg_{message.provider_key}", self._now()
        return {
            "Content-Type": "application/json",
            "Idempotency-Key": identity,
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signs.sign(identity, now, body.decode()),
        }


def _sort(answer: Answered, now: datetime) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if is_later(status):
        pause = pause_asked_for(answer.headers.get("retry-after"), now)
        raise Unreachable(f"http_{status}", f"The gateway answered {status}.", pause)
    raise Refused(f"http_{status}", f"The gateway refuses this message: {status}.")
