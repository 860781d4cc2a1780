"""An own gateway that is told messages as signed JSON."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

from engine.channels.base import Attachment, ChannelError, Refused, Unclear, Unreachable
from engine.channels.webhook import WebhookChannel
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from tests.channels.contract import MESSAGE, SECRET
from tests.channels.scripted_http import CUT, CUT_BEFORE_THE_END, Said, ScriptedWeb, scripted_web


@asynccontextmanager
async def gateway(
    *answers: Said | str, allow: str = "127.0.0.1"
) -> AsyncIterator[tuple[WebhookChannel, ScriptedWeb]]:
    async with scripted_web(answers) as web:
        outgoing = Outgoing(read_reachable(allow))
        try:
            yield WebhookChannel("gateway", f"{web.url}/in", SECRET, outgoing), web
        finally:
            await outgoing.close()


async def test_the_gateway_can_verify_whole_and_drop_what_it_has() -> None:
    file = Attachment("a.txt", "text/plain", b"words", "a1")
    async with gateway(Said(200)) as (channel, web):
        for _ in range(2):
            await channel.send(replace(MESSAGE, attachments=(file,), categories=("welcome",)))
    first, second = web.asked
    told = Webhook(SECRET).verify(first.body, first.headers)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-id"] == f"msg_{MESSAGE.provider_key}"
    assert first.headers["idempotency-key"] == first.headers["webhook-id"]
    assert told["id"] == MESSAGE.provider_key
    assert (told["medium"], told["to"], told["subject"]) == ("email", MESSAGE.to, MESSAGE.subject)
    assert (told["text"], told["html"]) == (MESSAGE.text, MESSAGE.html)
    assert told["from"]["address"] == "hello@cadenza.test"
    assert told["categories"] == ["welcome"]
    assert b64decode(told["attachments"][0]["content"]) == b"words"


async def test_a_changed_message_does_not_verify() -> None:
    async with gateway(Said(200)) as (channel, web):
        await channel.send(MESSAGE)
    [asked] = web.asked
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(asked.body.replace(b"ada@", b"eve@"), asked.headers)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        *((Said(status), Unreachable) for status in (408, 425, 429, 500, 502, 503, 504)),
        *((Said(status), Refused) for status in (301, 302, 400, 401, 403, 404, 410, 413, 422)),
        *((cut, Unclear) for cut in (CUT, CUT_BEFORE_THE_END)),
    ],
)
async def test_answers_mean_what_they_mean_to_a_flows_own_calls(
    answer: Said | str, error: type[ChannelError]
) -> None:
    async with gateway(answer) as (channel, web):
        with pytest.raises(error):
            await channel.send(MESSAGE)
        assert len(web.asked) == 1


async def test_it_waits_as_long_as_it_is_told() -> None:
    async with gateway(Said(503, {"Retry-After": "120"})) as (channel, _):
        with pytest.raises(Unreachable) as error:
            await channel.send(MESSAGE)
    assert error.value.retry_after == timedelta(seconds=120)


async def test_an_address_inside_is_not_called_unless_the_settings_allow_it() -> None:
    async with gateway(Said(200), allow="") as (channel, web):
        with pytest.raises(Unreachable) as error:
            await channel.send(MESSAGE)
        assert web.asked == []
    assert error.value.code == "address_not_allowed"


def test_a_secret_that_cannot_sign_makes_no_channel() -> None:
    with pytest.raises(EmptyWebhookSecretError):
        WebhookChannel("gateway", "https://example.com", "", Outgoing())
