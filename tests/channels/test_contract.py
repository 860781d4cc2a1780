"""What holds for every channel, on real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.channels.base import (
    LONGEST_REASON,
    Channel,
    ChannelError,
    Known,
    OutgoingMessage,
    Refused,
    Unclear,
    Unreachable,
)
from engine.channels.local_mailbox import LocalMailbox
from engine.channels.mailbox import Mailbox
from engine.channels.smtp import SmtpChannel
from tests.channels.contract import KEY, MESSAGE, NAMES, Case, at
from tests.channels.contract import case as made


@pytest.fixture(params=NAMES)
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    async with made(request.param, tmp_path) as one:
        yield one


def numbered(number: int) -> OutgoingMessage:
    return replace(MESSAGE, provider_key=KEY.format(number))


async def test_what_was_sent_arrived_once(case: Case) -> None:
    await case.channel.send(MESSAGE)
    assert case.arrived() == 1


async def test_many_at_once_all_arrive(case: Case) -> None:
    await asyncio.gather(*(case.channel.send(numbered(n)) for n in range(40)))
    assert case.arrived() == 40


async def test_asking_tells_no_more_than_is_known(case: Case) -> None:
    await case.channel.send(MESSAGE)
    assert await case.channel.ask(MESSAGE.provider_key) is case.known
    absent = Known.ABSENT if case.known is Known.SENT else Known.CANNOT_TELL
    assert await case.channel.ask(KEY.format(99)) is absent


async def test_closing_twice_is_harmless_and_sending_goes_on(case: Case) -> None:
    await case.channel.close()
    await case.channel.send(MESSAGE)
    await case.channel.close()
    await case.channel.close()
    await case.channel.send(numbered(1))
    assert case.arrived() == 2


async def test_a_group_is_at_least_one_and_it_has_a_name(case: Case) -> None:
    assert case.channel.group_size >= 1
    assert case.channel.name


async def test_what_nobody_wants_any_more_does_not_begin(case: Case) -> None:
    wanted = [False, True]

    async def still_wanted() -> bool:
        return wanted.pop(0)

    if case.is_busy is None and case.goes_away is None:
        pytest.skip("lets nothing wait")
    message = replace(MESSAGE, still_wanted=still_wanted)
    with pytest.raises(Unreachable):
        await case.channel.send(message)
    assert case.arrived() == 0
    await case.channel.send(message)
    assert case.arrived() == 1


async def test_a_refusal_is_for_good_and_the_next_message_goes(case: Case) -> None:
    if case.refuses is None:
        pytest.skip("never refuses")
    case.refuses()
    error = await failing(case, Refused)
    assert error.code
    await case.channel.send(numbered(1))


async def test_a_busy_provider_is_tried_later(case: Case) -> None:
    if case.is_busy is None:
        pytest.skip("never busy")
    case.is_busy()
    error = await failing(case, Unreachable)
    assert error.code
    await case.channel.send(numbered(1))


async def test_an_answer_that_was_lost_is_unclear_and_never_tried_again(case: Case) -> None:
    if case.cuts is None:
        pytest.skip("always answers")
    case.cuts()
    before = case.arrived()
    await failing(case, Unclear)
    assert case.arrived() == before + 1
    await case.channel.send(numbered(1))


async def test_a_provider_that_is_away_is_tried_later(case: Case) -> None:
    if case.goes_away is None:
        pytest.skip("cannot go away alone")
    await case.channel.close()
    await case.goes_away()
    await failing(case, Unreachable)


async def test_a_cancelled_send_ends_at_once_and_loses_no_place(case: Case) -> None:
    if case.hangs is None:
        pytest.skip("never waits")
    case.hangs()
    before = case.arrived()
    sending = asyncio.create_task(case.channel.send(MESSAGE))
    async with asyncio.timeout(5):
        while case.arrived() == before:
            await asyncio.sleep(0.005)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.gather(*(case.channel.send(numbered(n)) for n in range(20)))


async def test_connections_are_used_again(case: Case) -> None:
    if case.connections is None:
        pytest.skip("counts none")
    for number in range(10):
        await case.channel.send(numbered(number))
    assert case.connections() == 1


async def failing(case: Case, kind: type[ChannelError]) -> ChannelError:
    """What the channel raises: short, and without addresses and secrets."""
    with pytest.raises(kind) as caught:
        await case.channel.send(MESSAGE)
    error = caught.value
    assert 0 < len(error.reason) <= LONGEST_REASON
    told = f"{error}{error.__cause__}"
    assert "ada@" not in error.reason
    assert not any(secret in told for secret in case.secrets)
    return error


async def test_the_mailbox_gets_a_letter_that_can_be_read(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mail")
    port = await box.start("127.0.0.1", 0)
    local = LocalMailbox(SmtpChannel(at(port), message_id_domain="cadenza.test"), box)
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
    local = LocalMailbox(SmtpChannel(at(port), message_id_domain="cadenza.test"), box)
    await local.send(MESSAGE)
    await local.close()
    await box.stop()
    with pytest.raises(Unreachable):
        await local.send(numbered(1))
    assert await local.ask(KEY.format(1)) is Known.ABSENT
    again = Mailbox(tmp_path / "mail")
    await again.start("127.0.0.1", port)
    await _until_reachable(local, numbered(1))
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
