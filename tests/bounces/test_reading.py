"""What came back, read: shapes that servers write, and what somebody might send to do harm."""

from __future__ import annotations

import base64
import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from engine.channels.bounces import BounceAddresses, Kind, read
from engine.channels.bounces.parts import MOST_PARTS
from tests.bounces.samples import ADDRESSES, KEY, MESSAGE_ID, OURS, SAMPLES, Sample, dsn, plain

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_servers_write_is_understood(sample: Sample) -> None:
    letter = read(sample.raw.encode(), ADDRESSES, NOW)
    assert letter.kind is sample.kind
    if sample.what is None:
        assert letter.report is None
        return
    assert letter.report is not None
    found = letter.report
    assert (found.what, found.bounce, found.code) == (sample.what, sample.bounce, sample.code)
    assert found.provider_key == KEY
    assert read(sample.raw.replace("\n", "\r\n").encode(), ADDRESSES, NOW) == letter


def test_there_are_enough_shapes() -> None:
    assert len({sample.raw for sample in SAMPLES}) == len(SAMPLES) >= 55


def test_the_address_names_the_message_in_whatever_capitals() -> None:
    assert len(OURS.partition("@")[0]) <= 64
    assert list(ADDRESSES.keys_in(f"<{OURS.upper()}>, x@y.example")) == [KEY]
    assert ADDRESSES.of("no key of ours") is None
    assert "ada" not in OURS


def test_a_changed_secret_still_reads_what_was_sent_before() -> None:
    changed = BounceAddresses("bounces@mail.example.com", ["new", "secret of the test"])
    assert list(changed.keys_in(OURS)) == [KEY]
    assert changed.of(KEY) != OURS
    assert list(BounceAddresses("bounces@mail.example.com", ["new"]).keys_in(OURS)) == [None]


def test_a_whole_domain_may_take_bounces() -> None:
    whole = BounceAddresses("@bounces.example.com", ["secret"])
    address = whole.of(KEY) or ""
    assert "+" not in address
    assert list(whole.keys_in(address)) == [KEY]
    assert list(whole.keys_in(f"x{address}")) == []


def test_every_changed_character_of_a_token_is_noticed() -> None:
    name, _, domain = OURS.partition("@")
    for place in range(len("bounces+"), len(name) - 1):
        other = "b" if name[place] == "a" else "a"
        changed = f"{name[:place]}{other}{name[place + 1 :]}@{domain}"
        assert list(ADDRESSES.keys_in(changed)) == [None]


def test_a_message_is_known_by_its_id_where_the_address_was_lost() -> None:
    raw = dsn("5.1.1", "550 5.1.1 unknown").replace(OURS, "bounces@mail.example.com")
    found = read(raw.encode(), ADDRESSES, NOW).report
    assert found is not None
    assert found.provider_key == KEY
    assert read(raw.replace(MESSAGE_ID, "<x@y.example>").encode(), None, NOW).kind is Kind.NOT_OURS


def test_the_same_mail_is_the_same_report_by_whatever_way_it_comes() -> None:
    raw = dsn("5.1.1", "550 5.1.1 unknown")
    by_another_way = f"Received: from a by b\nX-Envelope-To: {OURS}\n{raw}"
    first, second = (read(one.encode(), ADDRESSES, NOW).report for one in (raw, by_another_way))
    assert first is not None
    assert second is not None
    assert first.id == second.id
    other = dsn("4.4.1", "", action="delayed")
    third = read(other.encode(), ADDRESSES, NOW).report
    assert third is not None
    assert third.id != first.id


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Mon, 02 Mar 2026 10:00:05 +0800", datetime(2026, 3, 2, 2, 0, 5, tzinfo=UTC)),
        ("Mon, 02 Mar 2099 10:00:05 +0000", NOW),
        ("Mon, 02 Mar 1999 10:00:05 +0000", NOW - timedelta(days=30)),
        ("Mon, 31 Dec 9999 23:59:59 -2359", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_when_it_happened_is_believed_within_reason(date: str, at: datetime) -> None:
    raw = dsn("5.1.1").replace("Mon, 02 Mar 2026 10:00:05 +0000", date)
    found = read(raw.encode(), ADDRESSES, NOW).report
    assert found is not None
    assert found.at == at


def test_a_report_in_base64_is_read() -> None:
    report = "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n"
    report += "Status: 5.1.1\n"
    raw = f"""Return-Path: <>
To: {OURS}
MIME-Version: 1.0
Content-Type: multipart/report; boundary=x

--x
Content-Type: message/delivery-status
Content-Transfer-Encoding: base64

{base64.b64encode(report.encode()).decode()}
--x--
"""
    found = read(raw.encode(), ADDRESSES, NOW).report
    assert found is not None
    assert found.code == "5.1.1"


def deep(levels: int) -> bytes:
    head = f"Return-Path: <>\nFrom: mailer-daemon@x.example\nTo: {OURS}\n"
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(levels)
    )
    return (head + parts + "Content-Type: text/plain\n\n550 5.1.1 x").encode()


def returned(levels: int) -> bytes:
    head = f"Return-Path: <>\nFrom: mailer-daemon@x.example\nTo: {OURS}\n"
    return (head + "Content-Type: message/rfc822\n\n" * levels + "\n550 5.1.1").encode()


DAEMON = "mailer-daemon@x.example"
FORGED = f"bounces+{'b' * 39}@mail.example.com"
HARMFUL: dict[str, bytes | str] = {
    "parts within parts": deep(2_000),
    "mails within mails": returned(2_000),
    "a mail of many megabytes": plain("550 5.1.1 x\n" + "x" * 20_000_000, sender=DAEMON),
    "one line of many megabytes": b"To: " + b"a@" * 5_000_000,
    "a thousand headers": b"X-A: b\n" * 100_000 + b"\nbody",
    "no such charset": plain(
        "550 5.1.1", sender=DAEMON, more='Content-Type: text/plain; charset="nowhere-1"'
    ),
    "a charset that is no text": plain(
        "550 5.1.1",
        sender=DAEMON,
        more="Content-Type: text/plain; charset=rot13\nContent-Transfer-Encoding: base64",
    ),
    "a charset in parts": plain(
        "550 \xff", sender=DAEMON, more="Content-Type: text/plain; charset*=utf-8''x"
    ),
    "a charset with a zero byte": plain(
        "550 \xff", sender=DAEMON, more='Content-Type: text/plain; charset="a\0b"'
    ),
    "a boundary of nothing": plain(
        "--\n", sender=DAEMON, more='Content-Type: multipart/report; boundary=""'
    ),
    "bad encoded words": plain("x", sender="=?utf-8?B?!!!?= <mailer-daemon@x.example>"),
    "zero bytes": b"\x00" * 1000,
    "only a colon": b":\n\n",
    "a number that is none": dsn("5.999999999.1", "999999 550"),
    "many bounce addresses": plain("x", sender=DAEMON, to=", ".join([FORGED] * 5000)),
    "codes without end": plain("5.1." * 8000, sender=DAEMON),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_nothing_that_is_sent_stops_the_reader_or_keeps_it_busy(name: str) -> None:
    began = time.process_time()
    raw = HARMFUL[name]
    letter = read(raw if isinstance(raw, bytes) else raw.encode(), ADDRESSES, NOW)
    assert time.process_time() - began < 3
    assert isinstance(letter.kind, Kind)


def test_too_many_parts_are_not_looked_at() -> None:
    assert read(deep(MOST_PARTS + 1), ADDRESSES, NOW).kind is Kind.UNREADABLE
    assert read(deep(5), ADDRESSES, NOW).kind is Kind.REPORT


PIECES = (
    *(b"\n", b"\n\n", b"--B1/mx.example.net\n", b"\xff", b"\x00", b"=?utf-8?b?//8=?="),
    b"\nContent-Type: text/plain; charset*=utf-8''x\nContent-Transfer-Encoding: 8bit\n",
    b'\nContent-Type: text/plain; charset="a\x00b"\nContent-Transfer-Encoding: 8bit\n',
    b"\nContent-Transfer-Encoding: x-uuencode\n",
    b"\nDate: Mon, 99 Feb 99999 99:99:99 +9999\n",
    b"filename*=utf-8''%ff",
)


def test_whatever_is_changed_in_a_mail_it_is_read_without_an_error() -> None:
    chance = random.Random(11)
    raws = [sample.raw.encode() for sample in SAMPLES]
    for _ in range(600):
        raw = bytearray(chance.choice(raws))
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(raw))
            match chance.randrange(4):
                case 0:
                    raw[at] = chance.randrange(256)
                case 1:
                    del raw[at : at + chance.randrange(40)]
                case 2:
                    raw[at:at] = chance.choice(PIECES)
                case _:
                    raw = raw[: at + 1]
            if not raw:
                break
        read(bytes(raw), ADDRESSES, NOW)
