"""What holds for every channel, on real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.channels.base import Channel, Known, OutgoingMessage, Sender, Unreachable
from engine.channels.local_mailbox import LocalMailbox
from engine.channels.mailbox import Mailbox
from engine.channels.null import NullChannel
from engine.channels.sendgrid import SendGridAccount, SendGridChannel
from engine.channels.smtp import SmtpChannel, SmtpServer
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from tests.channels.scripted_http import Said, scripted_web
from tests.channels.scripted_smtp import ScriptedServer, scripted

KEY = "0123456789abcdef0123456789abcd{:02d}"
MESSAGE = OutgoingMessage(
    provider_key=KEY.format(0),
    sender=Sender("hello@cadenza.test", "Cadenza 团队"),
    to="ada@example.com",
    subject="你好 Ada",
    text="Dear Ada\n.\n..\n",
    html="<p>Dear Ada</p>",
)


@dataclass
class Case:
    """A channel, a count of what arrived, and a way to take its provider away."""

    channel: Channel
    arrived: Callable[[], int]
    known: Known
    stop: Callable[[], Awaitable[None]] | None = None


@pytest.fixture(params=["null", "smtp", "sendgrid", "mailbox"])
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    if request.param == "null":
        null = NullChannel()
        yield Case(null, lambda: null.accepted, Known.CANNOT_TELL)
    elif request.param == "smtp":
        async with scripted() as server:
            channel = SmtpChannel(_at(server.port), message_id_domain="cadenza.test")
            yield Case(channel, lambda: _letters(server), Known.CANNOT_TELL)
            await channel.close()
    elif request.param == "sendgrid":
        async with scripted_web([Said(202)]) as web:
            outgoing = Outgoing(read_reachable("127.0.0.1"))
            account = SendGridAccount("SG.test", api=web.url)
            sendgrid = SendGridChannel(account, outgoing)
            yield Case(sendgrid, lambda: len(web.asked), Known.CANNOT_TELL)
            await outgoing.close()
    else:
        box = Mailbox(tmp_path / "mail")
        port = await box.start("127.0.0.1", 0)
        smtp = SmtpChannel(_at(port), message_id_domain="cadenza.test")
        local = LocalMailbox(smtp, box)
        yield Case(local, box.count, Known.SENT, box.stop)
        await local.close()
        await box.stop()


def _at(port: int) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, timeout=timedelta(seconds=5))


def _letters(server: ScriptedServer) -> int:
    return len(server.letters)


async def test_what_was_sent_arrived_once(case: Case) -> None:
    await case.channel.send(MESSAGE)
    assert case.arrived() == 1


async def test_many_at_once_all_arrive(case: Case) -> None:
    messages = [replace(MESSAGE, provider_key=KEY.format(n)) for n in range(40)]
    await asyncio.gather(*(case.channel.send(message) for message in messages))
    assert case.arrived() == 40


async def test_asking_tells_no_more_than_is_known(case: Case) -> None:
    await case.channel.send(MESSAGE)
    assert await case.channel.ask(MESSAGE.provider_key) is case.known
    absent = Known.ABSENT if case.known is Known.SENT else Known.CANNOT_TELL
    assert await case.channel.ask(KEY.format(99)) is absent


async def test_closing_twice_is_harmless_and_sending_goes_on(case: Case) -> None:
    await case.channel.send(MESSAGE)
    await case.channel.close()
    await case.channel.close()
    await case.channel.send(replace(MESSAGE, provider_key=KEY.format(1)))
    assert case.arrived() == 2


async def test_a_group_is_at_least_one(case: Case) -> None:
    assert case.channel.group_size >= 1
    assert case.channel.name


async def test_the_mailbox_gets_a_letter_that_can_be_read(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mail")
    port = await box.start("127.0.0.1", 0)
    local = LocalMailbox(SmtpChannel(_at(port), message_id_domain="cadenza.test"), box)
    await local.send(MESSAGE)
    mail = box.message(box.page()[0].id)
    assert mail.summary.subject == "你好 Ada"
    assert mail.text is not None
    assert mail.text.replace("\r\n", "\n") == "Dear Ada\n.\n..\n"
    assert mail.html == "<p>Dear Ada</p>"
    assert ("From", "Cadenza 团队 <hello@cadenza.test>") in mail.headers
    await local.close()
    await box.stop()


async def test_a_stopped_mailbox_is_unreachable_and_later_reachable_again(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mail")
    port = await box.start("127.0.0.1", 0)
    local = LocalMailbox(SmtpChannel(_at(port), message_id_domain="cadenza.test"), box)
    await local.send(MESSAGE)
    await local.close()
    await box.stop()
    with pytest.raises(Unreachable):
        await local.send(replace(MESSAGE, provider_key=KEY.format(1)))
    assert await local.ask(KEY.format(1)) is Known.ABSENT
    again = Mailbox(tmp_path / "mail")
    await again.start("127.0.0.1", port)
    await _until_reachable(local, replace(MESSAGE, provider_key=KEY.format(1)))
    assert again.count() == 2
    await local.close()
    await again.stop()


async def _until_reachable(channel: Channel, message: OutgoingMessage) -> None:
    """The channel remembers for a second that nobody was there."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await channel.send(message)
            except Unreachable:
                await asyncio.sleep(0.05)
