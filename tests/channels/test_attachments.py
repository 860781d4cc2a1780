"""Files and pictures in mails, read back by the standard library's parser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.channels.base import Attachment, OutgoingMessage, Refused, Sender
from engine.channels.mime import mail_bytes
from engine.channels.sendgrid import payload

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PICTURE = Attachment("logo.png", "image/png", b"\x89PNG" + bytes(range(256)), "logo")
BILL = Attachment("bill.pdf", "application/pdf", b"%PDF" * 1_000)
LETTER = OutgoingMessage(
    provider_key="0" * 32,
    sender=Sender("hello@cadenza.test"),
    to="ada@example.com",
    subject="Hello",
    text="Dear Ada",
    html='<img src="cid:logo">',
    attachments=(PICTURE, BILL),
)


def parsed(message: OutgoingMessage) -> EmailMessage:
    raw = mail_bytes(message, "x@cadenza.test", NOW)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    read = BytesParser(EmailMessage, policy=default).parsebytes(raw)
    assert isinstance(read, EmailMessage)
    assert not [part for part in read.walk() if part.defects]
    return read


def shape(part: Any) -> Any:
    if not part.is_multipart():
        return part.get_content_type()
    return (part.get_content_subtype(), [shape(sub) for sub in part.iter_parts()])


def test_pictures_stand_beside_the_html_and_files_beside_the_letter() -> None:
    mail = parsed(LETTER)
    related = ("related", ["text/html", "image/png"])
    assert shape(mail) == (
        "mixed",
        [("alternative", ["text/plain", related]), "application/pdf"],
    )
    html = mail.get_body(preferencelist=("html",))
    assert html is not None
    assert html.get_content().strip() == LETTER.html


def test_each_file_arrives_as_it_was() -> None:
    by_type = {part.get_content_type(): part for part in parsed(LETTER).walk()}
    picture, bill = by_type["image/png"], by_type["application/pdf"]
    assert picture.get_payload(decode=True) == PICTURE.content
    assert picture["Content-ID"] == "<logo>"
    assert picture.get_content_disposition() == "inline"
    assert bill.get_payload(decode=True) == BILL.content
    assert (bill.get_content_disposition(), bill.get_filename()) == ("attachment", "bill.pdf")
    assert by_type["multipart/related"].get_param("type") == "text/html"


def test_without_html_a_picture_is_a_file_like_any_other() -> None:
    mail = parsed(replace(LETTER, html=None, attachments=(PICTURE,)))
    assert shape(mail) == ("mixed", ["text/plain", "image/png"])


def test_only_pictures_need_no_mixed_letter() -> None:
    mail = parsed(replace(LETTER, attachments=(PICTURE,)))
    assert shape(mail) == ("alternative", ["text/plain", ("related", ["text/html", "image/png"])])


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ("Rechnung März.pdf", "Rechnung März.pdf"),
        ("发票 2026 年 3 月 客户 阿达 女士 很长 很长 很长 的 名字.pdf",) * 2,
        ('a"b;c.pdf', 'a"b;c.pdf'),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\bill.pdf", "bill.pdf"),
        ("a\r\nBcc: eve@example.com", "aBcc: eve@example.com"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_arrives_without_folders_and_controls(name: str, arrives: str) -> None:
    mail = parsed(replace(LETTER, attachments=(replace(BILL, name=name),)))
    [file] = list(mail.iter_attachments())
    assert file.get_filename() == arrives
    assert "Bcc" not in mail
    assert "Bcc" not in file


@settings(deadline=None, max_examples=20)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"]), max_size=120))
def test_any_name_makes_a_letter_that_can_be_read(name: str) -> None:
    mail = parsed(replace(LETTER, attachments=(replace(BILL, name=f"a{name}b"),)))
    [file] = list(mail.iter_attachments())
    assert file.get_filename()
    assert file.get_payload(decode=True) == BILL.content


@pytest.mark.parametrize(
    "wrong",
    [
        {"content_type": "image"},
        {"content_type": "image/png\r\nBcc: eve@example.com"},
        {"content_type": ""},
        {"content_id": "a> <b"},
        {"content_id": "a\r\nBcc: x"},
        {"content_id": ""},
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(wrong: dict[str, str]) -> None:
    message = replace(LETTER, attachments=(replace(PICTURE, **wrong),))  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        mail_bytes(message, "x@cadenza.test", NOW)
    assert refused.value.code == "bad_attachment"
    with pytest.raises(Refused):
        payload(message)


def test_a_mail_as_a_file_travels_unread() -> None:
    forwarded = Attachment("mail.eml", "message/rfc822", b"From: x\r\n\r\nbody")
    mail = parsed(replace(LETTER, attachments=(forwarded,)))
    [file] = list(mail.iter_attachments())
    assert file.get_content_type() == "application/octet-stream"
    assert file.get_payload(decode=True) == forwarded.content


def test_sendgrid_is_told_of_files_and_pictures() -> None:
    told = {one["filename"]: one for one in payload(LETTER)["attachments"]}
    picture, bill = told["logo.png"], told["bill.pdf"]
    assert (picture["disposition"], picture["content_id"]) == ("inline", "logo")
    assert (bill["disposition"], bill["filename"]) == ("attachment", "bill.pdf")
    assert "content_id" not in bill
    alone = payload(replace(LETTER, html=None))["attachments"][0]
    assert alone["disposition"] == "attachment"


def test_a_picture_of_what_is_sent_shows_no_content() -> None:
    assert "PDF" not in repr(BILL).replace("application/pdf", "")
