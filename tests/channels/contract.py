"""Every channel over a provider of its own that answers as a test wants: one `Case` each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from engine.channels.base import Channel, Known, OutgoingMessage, Sender
from engine.channels.chat import PROVIDERS, ChatChannel
from engine.channels.local_mailbox import LocalMailbox
from engine.channels.mailbox import Mailbox
from engine.channels.null import NullChannel
from engine.channels.sendgrid import SendGridAccount, SendGridChannel
from engine.channels.smtp import SmtpChannel, SmtpServer
from engine.channels.webhook import WebhookChannel
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from tests.channels import scripted_http as http
from tests.channels import scripted_smtp as smtp

KEY = "0123456789abcdef0123456789abcd{:02d}"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TOKEN = "tokenOfTheTest"
MESSAGE = OutgoingMessage(
    provider_key=KEY.format(0),
    sender=Sender("hello@cadenza.test", "Cadenza 团队"),
    to="ada@example.com",
    subject="你好 Ada",
    text="Dear Ada\n.\n..\n",
    html="<p>Dear Ada</p>",
)
NAMES = ("null", "smtp", "sendgrid", "mailbox", "webhook", "chat")


@dataclass
class Case:
    """A channel, what arrived, and ways to make its provider refuse, ask for patience, or fall
    silent after it has the message; None where this one never does so."""

    channel: Channel
    arrived: Callable[[], int]
    known: Known = Known.CANNOT_TELL
    refuses: Callable[[], None] | None = None
    is_busy: Callable[[], None] | None = None
    cuts: Callable[[], None] | None = None
    hangs: Callable[[], None] | None = None
    goes_away: Callable[[], Awaitable[None]] | None = None
    connections: Callable[[], int] | None = None
    secrets: tuple[str, ...] = field(default=())


@asynccontextmanager
async def case(name: str, folder: Path) -> AsyncIterator[Case]:
    if name == "null":
        null = NullChannel()
        yield Case(null, lambda: null.accepted)
    elif name == "smtp":
        async with _smtp() as made:
            yield made
    elif name == "mailbox":
        async with _mailbox(folder) as made:
            yield made
    else:
        async with _web(name) as made:
            yield made


def at(port: int) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, timeout=timedelta(seconds=5))


@asynccontextmanager
async def _smtp() -> AsyncIterator[Case]:
    async with smtp.scripted() as server:
        channel = SmtpChannel(at(server.port), message_id_domain="cadenza.test")
        script: dict[str, list[str]] = {}
        server.script = script

        def says(stage: str, *told: str) -> Callable[[], None]:
            return lambda: script.update({stage: [*told]})

        yield Case(
            channel,
            lambda: len(server.letters),
            refuses=says("rcpt", "550 5.1.1 <ada@example.com> is unknown", smtp.OK),
            is_busy=says("letter", "451 4.3.2 ada@example.com later", smtp.OK),
            cuts=says("letter", smtp.RESET, smtp.OK),
            hangs=says("letter", smtp.SILENCE, smtp.OK),
            connections=lambda: server.connections,
        )
        await channel.close()


@asynccontextmanager
async def _mailbox(folder: Path) -> AsyncIterator[Case]:
    box = Mailbox(folder / "mail")
    port = await box.start("127.0.0.1", 0)
    local = LocalMailbox(SmtpChannel(at(port), message_id_domain="cadenza.test"), box)
    yield Case(local, box.count, Known.SENT, goes_away=box.stop)
    await local.close()
    await box.stop()


@asynccontextmanager
async def _web(name: str) -> AsyncIterator[Case]:
    good = http.Said(200 if name == "chat" else 202, body={"errcode": 0})
    async with http.scripted_web([good]) as web:
        outgoing = Outgoing(read_reachable("127.0.0.1"))
        channel = _web_channel(name, web.url, outgoing)

        def says(told: http.Said | str) -> Callable[[], None]:
            def say() -> None:
                web.answers[:] = [told, good]

            return say

        words = {"errors": [{"message": "ada@example.com", "field": "to"}]}
        yield Case(
            channel,
            lambda: len(web.asked),
            refuses=says(http.Said(400, body=words)),
            is_busy=says(http.Said(429, body=words)),
            cuts=says(http.CUT),
            hangs=says(http.SILENCE),
            connections=lambda: web.connections,
            secrets=(SECRET, TOKEN),
        )
        await channel.close()
        await outgoing.close()


def _web_channel(name: str, url: str, outgoing: Outgoing) -> Channel:
    if name == "sendgrid":
        return SendGridChannel(SendGridAccount(TOKEN, api=url), outgoing)
    if name == "webhook":
        return WebhookChannel("gateway", f"{url}/messages", SECRET, outgoing)
    return ChatChannel("sales", PROVIDERS["wecom"], {"key": TOKEN}, outgoing, base=url)
