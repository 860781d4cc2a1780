"""The bytes of a mail, read back by the standard library's parser."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import compat32, default
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.channels.address import is_address, on_the_wire
from engine.channels.base import OutgoingMessage, Refused, Sender
from engine.channels.mime import mail_bytes

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
URL = "https://crm.cadenza.test/u/" + "a1b2." * 60


def parsed(message: OutgoingMessage) -> EmailMessage:
    raw = mail_bytes(message, f"{KEY}@cadenza.test", NOW)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    assert not any(line.startswith(b".") for line in raw.split(b"\r\n"))
    read = BytesParser(EmailMessage, policy=default).parsebytes(raw)
    assert isinstance(read, EmailMessage)
    return read


def letter(
    subject: str = "Hello",
    text: str = "Dear Ada\n",
    html: str | None = "<p>Dear Ada</p>\n",
    name: str | None = "Cadenza",
    headers: dict[str, str] | None = None,
    to: str = "ada@example.com",
) -> OutgoingMessage:
    sender = Sender("hello@cadenza.test", name, "answers@cadenza.test")
    return OutgoingMessage(KEY, sender, to, subject, text, html, headers or {})


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_letter_has_what_a_mail_needs() -> None:
    mail = parsed(letter())
    assert mail["From"] == "Cadenza <hello@cadenza.test>"
    assert mail["To"].addresses[0].addr_spec == "ada@example.com"
    assert mail["Reply-To"].addresses[0].addr_spec == "answers@cadenza.test"
    assert mail["Message-ID"] == f"<{KEY}@cadenza.test>"
    assert mail["Date"].datetime == NOW
    assert mail["MIME-Version"] == "1.0"
    assert mail.get_content_type() == "multipart/alternative"
    assert [sub.get_content_type() for sub in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (part(mail, "plain"), part(mail, "html")) == ("Dear Ada\n", "<p>Dear Ada</p>\n")


def test_without_html_it_is_plain_text() -> None:
    mail = parsed(letter(html=None, text="Only words"))
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == "Only words"


def test_a_long_unsubscribe_address_stays_whole() -> None:
    headers = {
        "List-Unsubscribe": f"<{URL}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    raw = mail_bytes(letter(headers=headers), f"{KEY}@cadenza.test", NOW)
    assert f"\r\nList-Unsubscribe: <{URL}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


@pytest.mark.parametrize(
    "hostile",
    [
        "Hi\r\nBcc: eve@example.com",
        "Hi\nBcc: eve@example.com",
        "Hi\rBcc: eve@example.com",
        "Hi\r\n\r\nnew body",
        "Hi\x00there",
        "Hi\u2028Bcc: eve@example.com",
        "Hi\x85Bcc: eve@example.com",
        "=?utf-8?q?Hi=0D=0ABcc=3A_eve=40example=2Ecom?=",
        "x" * 5_000,
        "",
    ],
)
def test_no_subject_and_no_name_makes_a_header(hostile: str) -> None:
    for message in (letter(subject=hostile), letter(name=hostile)):
        mail = parsed(message)
        assert "Bcc" not in mail
        assert set(mail.keys()) == {
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Date",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
        }
        assert part(mail, "plain") == "Dear Ada\n"
        assert mail["From"].addresses[0].addr_spec == "hello@cadenza.test"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nx",
        "ada@example.com, eve@example.com",
        "ada@example.com> RCPT TO:<eve@example.com",
        "<ada@example.com>",
        "ada example.com",
        "ada@exa mple.com",
        "ada@example.com\x00",
        '"a b"@example.com',
        "a" * 300 + "@example.com",
        "ada@@example.com",
        "ada@[127.0.0.1]",
    ],
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(Refused):
        mail_bytes(letter(to=address), "x@cadenza.test", NOW)


@pytest.mark.parametrize(
    "address", ["ada@example.com", "a.b+c@sub.example.co", "阿达@例子.中国", "o'neil@example.com"]
)
def test_usual_addresses_are_taken(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    ("address", "travels"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("阿达@例子.中国", "阿达@xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_a_domain_travels_in_ascii(address: str, travels: str) -> None:
    assert on_the_wire(address) == travels
    raw = mail_bytes(letter(to=address), "x@cadenza.test", NOW)
    assert f"\r\nTo: <{travels}>\r\n".encode() in raw


@pytest.mark.parametrize("domain", ["ü..example", "ü" * 80 + ".example"])
def test_a_domain_that_cannot_be_is_refused(domain: str) -> None:
    with pytest.raises(Refused):
        mail_bytes(letter(to=f"ada@{domain}"), "x@cadenza.test", NOW)


@pytest.mark.parametrize("address", ["", "Cadenza <hello@cadenza.test>", "a@b\r\nBcc: c@d"])
def test_a_sender_that_is_no_address_stops_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        Sender(address)
    with pytest.raises(ValueError, match="is not an address"):
        Sender("hello@cadenza.test", reply_to=address)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Bcc", "eve@example.com"),
        ("from", "eve@example.com"),
        ("X Y", "z"),
        ("X:Y", "z"),
        ("X-A", "a\r\nBcc: eve@example.com"),
        ("X-A", "a\nb"),
        ("X-A", "ä"),
        ("", "x"),
    ],
)
def test_a_header_that_is_not_plain_is_refused(name: str, value: str) -> None:
    with pytest.raises(Refused):
        mail_bytes(letter(headers={name: value}), "x@cadenza.test", NOW)


printable = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


@settings(deadline=None)
@given(subject=printable, text=st.text(st.characters(exclude_categories=["Cs"]), max_size=500))
def test_any_text_arrives_as_it_was(subject: str, text: str) -> None:
    mail = parsed(letter(subject=subject, text=text, html=text))
    assert mail["Subject"] == subject.strip()
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert part(mail, "plain") == expected
    assert part(mail, "html") == expected


@settings(deadline=None)
@given(name=printable.filter(lambda name: bool(name.strip())))
def test_any_name_arrives_as_it_was(name: str) -> None:
    raw = mail_bytes(letter(name=name), f"{KEY}@cadenza.test", NOW)
    # the newer parser of some Python versions puts spaces between encoded words of a name
    shown, address = parseaddr(message_from_bytes(raw, policy=compat32)["From"])
    assert address == "hello@cadenza.test"
    assert str(make_header(decode_header(shown))).split() == name.split()
