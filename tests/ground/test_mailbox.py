"""The mailbox keeps what it answered 250 to, and can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from engine.channels.mailbox import Mailbox
from engine.errors import NotFound


def letter(number: int = 1, subject: str = "Hello", body: str = "Dear Ada") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ben@cadenza.test", "ada@cadenza.test", subject
    mail["Message-ID"] = f"<{number}@cadenza.test>"
    mail.set_content(body)
    mail.add_alternative(f"<p>{body}</p>", subtype="html")
    mail.add_attachment(b"12345", maintype="application", subtype="pdf", filename="offer.pdf")
    return mail


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    box = Mailbox(tmp_path / "mail")
    yield box
    await box.stop()


async def send(port: int, *mails: EmailMessage) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for mail in mails:
            await client.send_message(mail)


async def test_mail_is_found_by_its_message_id_also_after_a_restart(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    port = await mailbox.start("127.0.0.1", 0)
    await send(port, letter(1))
    await mailbox.stop()
    again = Mailbox(tmp_path / "mail")
    assert again.find("<1@cadenza.test>")
    assert again.find("1@cadenza.test")
    assert not again.find("<2@cadenza.test>")


async def test_copies_are_counted(mailbox: Mailbox) -> None:
    port = await mailbox.start("127.0.0.1", 0)
    await send(port, letter(1), letter(1), letter(2))
    assert (mailbox.copies("1@cadenza.test"), mailbox.copies("2@cadenza.test")) == (2, 1)
    assert mailbox.count() == 3


async def test_pages_run_from_the_newest(mailbox: Mailbox) -> None:
    port = await mailbox.start("127.0.0.1", 0)
    await send(port, *(letter(number, f"Mail {number}") for number in range(1, 6)))
    first = mailbox.page(limit=2)
    assert [mail.subject for mail in first] == ["Mail 5", "Mail 4"]
    assert [mail.subject for mail in mailbox.page(limit=2, before=first[-1].id)] == [
        "Mail 3",
        "Mail 2",
    ]
    assert [mail.subject for mail in mailbox.page(search="mail 4")] == ["Mail 4"]
    assert mailbox.page(search="%") == []


async def test_a_mail_is_shown_parsed_and_raw(mailbox: Mailbox) -> None:
    port = await mailbox.start("127.0.0.1", 0)
    await send(port, letter(1, "生日快乐", "祝你生日快乐"))
    mail = mailbox.message(mailbox.page()[0].id)
    assert mail.summary.subject == "生日快乐"
    assert mail.summary.recipients == ("ada@cadenza.test",)
    assert mail.text is not None
    assert "祝你生日快乐" in mail.text
    assert mail.html is not None
    assert "<p>祝你生日快乐</p>" in mail.html
    assert [(part.name, part.size_bytes) for part in mail.attachments] == [("offer.pdf", 5)]
    assert b"Message-ID: <1@cadenza.test>" in mail.raw


def test_an_unknown_mail_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Mailbox(tmp_path / "mail").message(7)


async def test_a_nearly_full_disk_puts_mail_off(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, keep_free_bytes=2**62)
    port = await box.start("127.0.0.1", 0)
    try:
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(port, letter())
        assert refused.value.code == 452
        assert "make room" in refused.value.message
        assert box.count() == 0
    finally:
        await box.stop()


async def test_a_mail_over_the_limit_is_refused_for_good(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, max_message_bytes=2000)
    port = await box.start("127.0.0.1", 0)
    try:
        with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
            await send(port, letter(body="long " * 1000))
        assert refused.value.code == 552
    finally:
        await box.stop()


async def test_mails_with_broken_headers_are_kept(mailbox: Mailbox) -> None:
    port = await mailbox.start("127.0.0.1", 0)
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        headers = b"Subject: =?nonsense?B?x?= \xff\r\nContent-Type: text/plain; charset=nope\r\n"
        await client.sendmail("a@cadenza.test", ["b@cadenza.test"], headers + b"\r\n\xff")
    mail = mailbox.message(mailbox.page()[0].id)
    assert mail.summary.message_id is None
    assert mail.text is not None


async def test_many_senders_at_once_lose_nothing(mailbox: Mailbox) -> None:
    port = await mailbox.start("127.0.0.1", 0)
    lines = [range(start, start + 20) for start in range(0, 100, 20)]
    await asyncio.gather(*(send(port, *map(letter, numbers)) for numbers in lines))
    assert mailbox.count() == 100
    assert all(mailbox.copies(f"{number}@cadenza.test") == 1 for number in range(100))
