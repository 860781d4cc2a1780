"""What every kind of answer, at every stage, says about whether a mail was accepted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from engine.channels.base import OutgoingMessage, Refused, Sender, Unclear, Unreachable
from engine.channels.smtp import SmtpChannel, SmtpServer
from tests.channels.scripted_smtp import CLOSE, RESET, SILENCE, ScriptedServer, scripted

MESSAGE = OutgoingMessage(
    provider_key="0123456789abcdef0123456789abcdef",
    sender=Sender("hello@cadenza.test", "Cadenza"),
    to="ada@example.com",
    subject="Hello",
    text="Dear Ada",
    html="<p>Dear Ada</p>",
)


@asynccontextmanager
async def channel_to(
    server: ScriptedServer, *, seconds: float = 5, connections: int = 2, begun_within: float = 25
) -> AsyncIterator[SmtpChannel]:
    timeout = timedelta(seconds=seconds)
    where = SmtpServer("127.0.0.1", server.port, connections=connections, timeout=timeout)
    channel = SmtpChannel(
        where, message_id_domain="cadenza.test", begun_within=timedelta(seconds=begun_within)
    )
    try:
        yield channel
    finally:
        await channel.close()


@pytest.mark.parametrize(
    ("stage", "told", "error", "code"),
    [
        ("connect", "421 busy", Unreachable, "not_welcome"),
        ("connect", "554 no service", Unreachable, "not_welcome"),
        ("connect", "nonsense", Unreachable, "not_welcome"),
        ("connect", RESET, Unreachable, "no_connection"),
        ("connect", CLOSE, Unreachable, "no_connection"),
        ("ehlo", "421 closing", Unreachable, "not_welcome"),
        ("ehlo", RESET, Unreachable, "no_connection"),
        ("mail", "421 closing", Unreachable, "server_closing"),
        ("mail", "450 busy", Unreachable, "sender_put_off"),
        ("mail", "451 local error", Unreachable, "sender_put_off"),
        ("mail", "452 no room", Unreachable, "sender_put_off"),
        ("mail", "530 sign in first", Unreachable, "sign_in"),
        ("mail", "535 wrong password", Unreachable, "sign_in"),
        ("mail", "501 bad address", Unreachable, "sender_refused"),
        ("mail", "550 not you", Unreachable, "sender_refused"),
        ("mail", "553 not allowed", Unreachable, "sender_refused"),
        ("mail", "354 what", Unreachable, "odd_answer"),
        ("mail", "garbage", Unreachable, "odd_answer"),
        ("mail", RESET, Unreachable, "connection_lost"),
        ("mail", CLOSE, Unreachable, "connection_lost"),
        ("rcpt", "421 closing", Unreachable, "server_closing"),
        ("rcpt", "450 mailbox busy", Unreachable, "recipient_put_off"),
        ("rcpt", "451 greylisted", Unreachable, "recipient_put_off"),
        ("rcpt", "452 full", Unreachable, "recipient_put_off"),
        ("rcpt", "550 5.1.1 no such user", Refused, "no_such_address"),
        ("rcpt", "551 not local", Refused, "recipient_refused"),
        ("rcpt", "552 over quota", Refused, "recipient_refused"),
        ("rcpt", "553 bad name", Refused, "recipient_refused"),
        ("rcpt", "999 what", Unreachable, "odd_answer"),
        ("rcpt", "\xff\xfe\xfd", Unreachable, "odd_answer"),
        ("rcpt", RESET, Unreachable, "connection_lost"),
        ("data", "421 closing", Unreachable, "server_closing"),
        ("data", "451 later", Unreachable, "content_put_off"),
        ("data", "503 bad sequence", Refused, "content_refused"),
        ("data", "554 no", Refused, "content_refused"),
        ("data", "250 what", Unreachable, "odd_answer"),
        ("data", "garbage", Unreachable, "odd_answer"),
        ("data", RESET, Unreachable, "connection_lost"),
        ("data", CLOSE, Unreachable, "connection_lost"),
        ("letter", "421 closing", Unreachable, "server_closing"),
        ("letter", "450 later", Unreachable, "content_put_off"),
        ("letter", "451 greylisted", Unreachable, "content_put_off"),
        ("letter", "452 disk full", Unreachable, "content_put_off"),
        ("letter", "550 spam", Refused, "content_refused"),
        ("letter", "552 too large", Refused, "content_refused"),
        ("letter", "554 5.7.1 policy", Refused, "not_wanted"),
        ("letter", RESET, Unclear, "answer_lost"),
        ("letter", CLOSE, Unclear, "answer_lost"),
        ("letter", "garbage", Unclear, "answer_lost"),
        ("letter", "354 what", Unclear, "odd_answer"),
        ("letter", "150 what", Unclear, "odd_answer"),
    ],
)
async def test_an_answer_means_what_the_stage_makes_of_it(
    stage: str, told: str, error: type[Exception], code: str
) -> None:
    async with scripted({stage: [told]}) as server, channel_to(server) as channel:
        with pytest.raises(error) as failure:
            await channel.send(MESSAGE)
        assert failure.value.code == code  # type: ignore[attr-defined]
        assert "example.com" not in failure.value.reason  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("stage", "error", "code"),
    [
        ("connect", Unreachable, "slow"),
        ("ehlo", Unreachable, "slow"),
        ("mail", Unreachable, "slow"),
        ("rcpt", Unreachable, "slow"),
        ("data", Unreachable, "slow"),
        ("letter", Unclear, "no_answer"),
    ],
)
async def test_a_server_that_falls_silent_is_given_up_in_time(
    stage: str, error: type[Exception], code: str
) -> None:
    async with scripted({stage: [SILENCE]}) as server, channel_to(server, seconds=0.2) as channel:
        with pytest.raises(error) as failure:
            await channel.send(MESSAGE)
        assert failure.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize("told", ["250 ok", "250-first\r\n250 last", "251 forwarded", "250"])
async def test_every_positive_answer_to_the_letter_is_an_acceptance(told: str) -> None:
    async with scripted({"letter": [told]}) as server, channel_to(server) as channel:
        await channel.send(MESSAGE)
        assert len(server.letters) == 1


async def test_nobody_listening_is_unreachable() -> None:
    async with scripted() as server:
        port = server.port
    async with channel_to(ScriptedServer(port, {})) as channel:
        with pytest.raises(Unreachable) as failure:
            await channel.send(MESSAGE)
        assert failure.value.code == "no_connection"
        assert f"127.0.0.1:{port}" in failure.value.reason


async def test_an_address_in_an_answer_is_not_kept() -> None:
    told = "550 <ada@example.com>: no such person ada@example.com"
    async with scripted({"rcpt": [told]}) as server, channel_to(server) as channel:
        with pytest.raises(Refused) as failure:
            await channel.send(MESSAGE)
    assert "ada" not in failure.value.reason
    assert "550" in failure.value.reason


async def test_a_connection_is_used_again() -> None:
    async with scripted() as server, channel_to(server) as channel:
        for _ in range(5):
            await channel.send(MESSAGE)
        assert (server.connections, len(server.letters)) == (1, 5)


async def test_a_refused_recipient_does_not_cost_the_connection() -> None:
    script = {"rcpt": ["550 no", "250 ok"]}
    async with scripted(script) as server, channel_to(server) as channel:
        with pytest.raises(Refused):
            await channel.send(MESSAGE)
        await channel.send(MESSAGE)
        assert server.connections == 1
        assert [line.split(" ")[0] for line in server.commands] == [
            "EHLO",
            "MAIL",
            "RCPT",
            "RSET",
            "MAIL",
            "RCPT",
            "DATA",
        ]


async def test_a_kept_connection_that_the_server_closed_is_replaced_without_a_word() -> None:
    script = {"mail": ["250 ok", "421 idle too long", "250 ok"]}
    async with scripted(script) as server, channel_to(server) as channel:
        await channel.send(MESSAGE)
        await channel.send(MESSAGE)
        assert (server.connections, len(server.letters)) == (2, 2)


async def test_a_lost_answer_is_never_tried_again_by_the_channel() -> None:
    async with scripted({"letter": ["250 ok", RESET]}) as server, channel_to(server) as channel:
        await channel.send(MESSAGE)
        with pytest.raises(Unclear):
            await channel.send(MESSAGE)
        assert len(server.letters) == 2


async def test_no_more_connections_than_the_settings_say() -> None:
    async with scripted() as server, channel_to(server, connections=3) as channel:
        await asyncio.gather(*(channel.send(MESSAGE) for _ in range(30)))
        assert server.connections <= 3
        assert len(server.letters) == 30


async def test_a_cancelled_send_leaves_no_half_used_connection() -> None:
    script = {"letter": [SILENCE, "250 ok"]}
    async with scripted(script) as server, channel_to(server) as channel:
        sending = asyncio.create_task(channel.send(MESSAGE))
        while not server.letters:
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await channel.send(MESSAGE)
        assert server.connections == 2


async def test_a_server_that_is_away_is_not_waited_for_by_everybody() -> None:
    silent = {"connect": [SILENCE]}
    async with (
        scripted(silent) as server,
        channel_to(server, seconds=0.3, connections=1) as channel,
    ):
        loop = asyncio.get_running_loop()
        started = loop.time()
        ended = await asyncio.gather(
            *(channel.send(MESSAGE) for _ in range(8)), return_exceptions=True
        )
        assert all(isinstance(error, Unreachable) for error in ended)
        assert server.connections == 1
        assert loop.time() - started < 2


async def test_a_pace_is_kept_and_makes_groups_small() -> None:
    async with scripted() as server:
        where = SmtpServer("127.0.0.1", server.port, connections=4)
        channel = SmtpChannel(where, message_id_domain="cadenza.test", per_second=20)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await asyncio.gather(*(channel.send(MESSAGE) for _ in range(7)))
        assert loop.time() - started >= 0.29
        await channel.close()
    slow = SmtpChannel(where, message_id_domain="cadenza.test", per_second=0.5)
    assert (channel.group_size, slow.group_size) == (16, 5)


async def test_what_would_be_too_late_for_the_pace_is_put_off_at_once() -> None:
    async with scripted() as server:
        where = SmtpServer("127.0.0.1", server.port, connections=4)
        channel = SmtpChannel(where, message_id_domain="cadenza.test", per_second=0.01)
        await channel.send(MESSAGE)
        with pytest.raises(Unreachable) as failure:
            await channel.send(MESSAGE)
        assert failure.value.code == "busy"
        await channel.close()


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data"])
async def test_a_letter_that_does_not_begin_in_time_is_given_up(stage: str) -> None:
    async with (
        scripted({stage: [SILENCE]}) as server,
        channel_to(server, seconds=60, begun_within=0.2) as channel,
    ):
        with pytest.raises(Unreachable) as failure:
            await channel.send(MESSAGE)
        assert failure.value.code == "slow"


async def test_whoever_waits_too_long_for_a_connection_is_put_off() -> None:
    script = {"letter": [SILENCE]}
    async with (
        scripted(script) as server,
        channel_to(server, seconds=60, connections=1, begun_within=0.2) as channel,
    ):
        first = asyncio.create_task(channel.send(MESSAGE))
        while not server.letters:
            await asyncio.sleep(0.01)
        with pytest.raises(Unreachable) as failure:
            await channel.send(MESSAGE)
        assert failure.value.code == "busy"
        # the first one's letter has begun, so it is waited for
        assert not first.done()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_closing_says_goodbye_and_may_be_done_twice() -> None:
    async with scripted() as server, channel_to(server) as channel:
        await channel.send(MESSAGE)
        await channel.close()
        await channel.close()
        assert server.commands[-1] == "QUIT"
        await channel.send(MESSAGE)
        assert len(server.letters) == 2
