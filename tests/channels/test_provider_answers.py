"""Answers as the large mail providers give them, each at the stage where it comes.

Codes and stages are the point; the words only say what is meant, and are never looked at, so that
the same codes in other words mean the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.channels.base import ChannelError, Refused, Unreachable
from engine.channels.smtp_answers import OUR_TROUBLE, error_of
from tests.channels.scripted_smtp import scripted
from tests.channels.test_smtp_answers import MESSAGE, channel_to

LATER, NEVER = Unreachable, Refused

ANSWERS: list[tuple[str, str, str, type[ChannelError], str]] = [
    # (provider, stage, answer, what it means, code)
    ("gmail", "rcpt", "550-5.1.1 No account\r\n550 5.1.1 Learn more", NEVER, "no_such_address"),
    ("gmail", "rcpt", "550 5.2.1 The account is inactive", NEVER, "mailbox_disabled"),
    ("gmail", "rcpt", "452 4.2.2 The recipient is over quota", LATER, "recipient_put_off"),
    ("gmail", "rcpt", "552 5.2.2 The recipient is over quota", NEVER, "mailbox_full"),
    ("gmail", "rcpt", "450 4.2.1 Receiving mail too quickly", LATER, "recipient_put_off"),
    ("gmail", "rcpt", "550 5.2.1 Receiving mail at a rate", NEVER, "mailbox_disabled"),
    ("gmail", "letter", "421 4.7.0 Unusual rate of mail", LATER, "server_closing"),
    ("gmail", "letter", "421 4.7.28 Rate limited for this domain", LATER, "server_closing"),
    ("gmail", "letter", "450 4.7.28 Rate limited for this domain", LATER, "content_put_off"),
    ("gmail", "letter", "550 5.7.28 Unusual rate of mail", LATER, "sending_too_much"),
    ("gmail", "letter", "550 5.7.26 Neither SPF nor DKIM pass", LATER, "sender_not_verified"),
    ("gmail", "letter", "421 4.7.26 Neither SPF nor DKIM pass", LATER, "server_closing"),
    ("gmail", "letter", "550 5.7.25 No PTR record", LATER, "sender_blocked"),
    ("gmail", "letter", "550 5.7.1 Likely unsolicited mail", NEVER, "not_wanted"),
    ("gmail", "letter", "552 5.7.0 Its content is a risk", NEVER, "content_refused"),
    ("gmail", "letter", "552 5.3.4 Larger than allowed", NEVER, "too_large"),
    ("gmail", "mail", "530 5.7.0 Authentication required", LATER, "sign_in"),
    ("gmail", "mail", "530 5.7.0 Must issue STARTTLS first", LATER, "sign_in"),
    ("gmail", "mail", "550 5.4.5 Daily sending quota exceeded", LATER, "sender_refused"),
    ("gmail", "mail", "454 4.7.0 Too many login attempts", LATER, "sign_in"),
    ("gmail", "mail", "552 5.3.4 Larger than allowed", NEVER, "too_large"),
    ("outlook", "rcpt", "550 5.1.10 Recipient not found", NEVER, "no_such_domain"),
    ("outlook", "rcpt", "550 5.5.0 Mailbox unavailable", NEVER, "recipient_refused"),
    ("outlook", "rcpt", "550 5.4.1 Recipient address rejected", NEVER, "no_such_domain"),
    ("outlook", "rcpt", "554 5.2.2 Mailbox full", NEVER, "mailbox_full"),
    ("outlook", "rcpt", "550 5.7.606 Banned sending address", LATER, "sender_blocked"),
    ("outlook", "rcpt", "550 5.7.649 Banned sending address", LATER, "sender_blocked"),
    ("outlook", "rcpt", "550 5.7.511 Banned sender", LATER, "sender_blocked"),
    ("outlook", "rcpt", "550 5.7.23 SPF failed", LATER, "sender_not_verified"),
    ("outlook", "mail", "451 4.7.500 Server busy", LATER, "sender_put_off"),
    ("outlook", "mail", "451 4.7.650 Reputation of this address", LATER, "sender_put_off"),
    ("outlook", "mail", "550 5.7.1 Part of the network is on a list", LATER, "sender_refused"),
    ("outlook", "mail", "550 5.7.708 Traffic not accepted", LATER, "sender_blocked"),
    ("outlook", "letter", "554 5.7.60 Not allowed to send as", LATER, "sender_not_accepted"),
    ("outlook", "letter", "550 5.7.515 Does not meet the level", NEVER, "content_refused"),
    ("outlook", "letter", "432 4.3.2 Too many connections", LATER, "content_put_off"),
    ("outlook", "mail", "535 5.7.139 Authentication unsuccessful", LATER, "sign_in"),
    ("yahoo", "rcpt", "554 delivery error: no account here", NEVER, "recipient_refused"),
    ("yahoo", "rcpt", "552 1 Requested mail action aborted", NEVER, "recipient_refused"),
    ("yahoo", "connect", "421 4.7.0 [TSS04] deferred", LATER, "not_welcome"),
    ("yahoo", "connect", "553 5.7.1 [BL21] not allowed", LATER, "not_welcome"),
    ("yahoo", "letter", "554 5.7.9 Not accepted for policy reasons", NEVER, "content_refused"),
    ("yahoo", "letter", "451 [GL01] not accepted now", LATER, "content_put_off"),
    ("icloud", "rcpt", "550 5.1.1 unknown", NEVER, "no_such_address"),
    ("icloud", "letter", "554 5.7.1 [CS01] rejected by policy", NEVER, "not_wanted"),
    ("qq", "rcpt", "550 Mailbox not found", NEVER, "recipient_refused"),
    ("qq", "rcpt", "550 5.1.1 Mailbox unavailable or access denied", NEVER, "no_such_address"),
    ("qq", "rcpt", "452 Mailbox is full", LATER, "recipient_put_off"),
    ("qq", "letter", "550 Mail content denied", NEVER, "content_refused"),
    ("qq", "letter", "550 Suspected bounce attacks", NEVER, "content_refused"),
    ("qq", "connect", "550 Connection denied", LATER, "not_welcome"),
    ("qq", "mail", "550 Ip frequency limited", LATER, "sender_refused"),
    ("qq", "mail", "501 mail from address must be same", LATER, "sender_refused"),
    ("qq", "mail", "535 Login fail", LATER, "sign_in"),
    ("163", "rcpt", "550 User not found", NEVER, "recipient_refused"),
    ("163", "rcpt", "550 MI:IMF too many failures", NEVER, "recipient_refused"),
    ("163", "rcpt", "451 DT:SPM try again", LATER, "recipient_put_off"),
    ("163", "mail", "553 Mail from must equal authorized user", LATER, "sender_refused"),
    ("163", "connect", "421 HL:REP too busy", LATER, "not_welcome"),
    ("163", "letter", "554 DT:SPM refused", NEVER, "content_refused"),
    ("163", "mail", "535 Error: authentication failed", LATER, "sign_in"),
    ("postfix", "rcpt", "450 4.2.0 Greylisted", LATER, "recipient_put_off"),
    ("postfix", "rcpt", "451 4.7.1 Greylisting in action", LATER, "recipient_put_off"),
    ("postfix", "rcpt", "554 5.7.1 Relay access denied", NEVER, "not_wanted"),
    ("postfix", "rcpt", "450 4.1.2 Domain not found", LATER, "recipient_put_off"),
    ("postfix", "rcpt", "550 5.1.2 Domain not found", NEVER, "no_such_domain"),
    ("postfix", "rcpt", "556 5.1.10 Takes no mail", NEVER, "no_such_domain"),
    ("postfix", "mail", "452 4.3.1 Insufficient system storage", LATER, "sender_put_off"),
    ("postfix", "mail", "553 5.7.1 Sender not owned by user", LATER, "sender_refused"),
    ("postfix", "letter", "450 4.3.2 Try again", LATER, "content_put_off"),
    ("exchange", "letter", "550 5.7.20 Message not signed", LATER, "sender_not_signed"),
    ("odd", "rcpt", "550 4.2.2 the codes disagree", NEVER, "recipient_refused"),
    ("odd", "rcpt", "450 5.1.1 the codes disagree", LATER, "recipient_put_off"),
    ("odd", "rcpt", "550 5.1.1234 no such code", NEVER, "recipient_refused"),
]


@pytest.mark.parametrize(
    ("stage", "told", "error", "code"),
    [one[1:] for one in ANSWERS],
    ids=[f"{one[0]}-{one[1]}-{one[2][:12]}" for one in ANSWERS],
)
async def test_what_a_provider_says_means(
    stage: str, told: str, error: type[ChannelError], code: str
) -> None:
    async with scripted({stage: [told]}) as server, channel_to(server) as channel:
        with pytest.raises(error) as failure:
            await channel.send(MESSAGE)
    assert failure.value.code == code


def test_there_are_enough_of_them() -> None:
    assert len(ANSWERS) >= 60
    assert len({one[0] for one in ANSWERS}) >= 6


@pytest.mark.parametrize("words", ["5.1.1 kein Konto", "5.1.1 没有此用户", "5.1.1", " 5.1.1\nmore"])
def test_words_do_not_matter(words: str) -> None:
    assert error_of("recipient", 550, words, "said").code == "no_such_address"


@pytest.mark.parametrize(("code", "words"), [(535, ""), (550, "5.7.606"), (550, "5.7.26")])
def test_our_own_trouble_waits_longer_than_a_busy_server(code: int, words: str) -> None:
    error = error_of("recipient", code, words, "said")
    assert isinstance(error, Unreachable)
    assert error.retry_after == OUR_TROUBLE


async def test_a_letter_larger_than_the_server_takes_is_not_begun() -> None:
    script = {"ehlo": ["250-mail.test\r\n250-SIZE 500\r\n250 8BITMIME"]}
    async with scripted(script) as server, channel_to(server) as channel:
        with pytest.raises(Refused) as failure:
            await channel.send(MESSAGE)
        assert failure.value.code == "too_large"
        assert [line.split(" ")[0] for line in server.commands] == ["EHLO"]
        assert server.connections == 1


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE 1000000", "SIZE many"])
async def test_a_server_that_says_no_limit_gets_the_letter(size: str) -> None:
    script = {"ehlo": [f"250-mail.test\r\n250 {size}"]}
    async with scripted(script) as server, channel_to(server) as channel:
        await channel.send(MESSAGE)
        [mail] = [line for line in server.commands if line.startswith("MAIL")]
        assert f" SIZE={len(server.letters[0])}" in mail


async def test_failures_are_reported_to_the_envelopes_address() -> None:
    async with scripted() as server, channel_to(server) as channel:
        await channel.send(replace(MESSAGE, envelope_from="b+123@bounce.cadenza.test"))
        assert "MAIL FROM:<b+123@bounce.cadenza.test>" in server.commands
        assert b"From: Cadenza <hello@cadenza.test>" in server.letters[0]


async def test_a_busy_servers_pause_is_left_to_the_usual_retries() -> None:
    async with scripted({"rcpt": ["450 4.2.0 later"]}) as server, channel_to(server) as channel:
        with pytest.raises(Unreachable) as failure:
            await channel.send(MESSAGE)
    assert failure.value.retry_after is None
    assert timedelta(minutes=1) < OUR_TROUBLE
