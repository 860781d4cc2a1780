"""Signatures, read back by the library that everybody verifies with."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path

import dkim  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from engine.channels.base import Attachment, OutgoingMessage, Sender
from engine.channels.dkim import Signer, Signers, read_signer
from engine.channels.mime import mail_bytes
from engine.channels.smtp import SmtpChannel
from engine.settings.dkim import Dkim
from tests.channels.contract import at
from tests.channels.scripted_smtp import scripted

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RSA = rsa.generate_private_key(65537, 2048)
LETTER = OutgoingMessage(
    provider_key="0" * 32,
    sender=Sender("hello@cadenza.test", "Cadenza 团队", "answers@cadenza.test"),
    to="ada@example.com",
    subject="你好 Ada, " + "a long subject that takes several lines " * 5,
    text="Dear Ada\n.\n\n\n",
    html="<p>Dear Ada</p>",
    headers={
        "List-Unsubscribe": "<https://cadenza.test/u/" + "a1." * 100 + ">",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
    attachments=(Attachment("a.bin", "application/octet-stream", b"\r\n" * 500),),
)


def pem(key: rsa.RSAPrivateKey | Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def in_dns(name: bytes, timeout: int = 5) -> bytes:
    assert name == b"s1._domainkey.cadenza.test."
    public = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + b64encode(public)


def signed(message: OutgoingMessage) -> bytes:
    mail = mail_bytes(message, "x@cadenza.test", NOW)
    return Signer("cadenza.test", "s1", RSA).header(mail, NOW) + mail


def test_the_usual_library_accepts_the_signature() -> None:
    assert dkim.verify(signed(LETTER), dnsfunc=in_dns)


def test_headers_folded_otherwise_on_the_way_do_no_harm() -> None:
    raw = signed(LETTER).replace(b"\r\nFrom: ", b"\r\nFROM:   ")
    assert dkim.verify(raw, dnsfunc=in_dns)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"To: <ada@example.com>", b"To: <eve@example.com>"),
        (b"List-Unsubscribe: <https://cadenza", b"List-Unsubscribe: <https://c4denza"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"Subject: =?utf-8?b?5L", b"Subject: =?utf-8?b?6L"),
        (b"\r\n\r\n", b"\r\n\r\nmore\r\n"),
    ],
)
def test_a_changed_letter_does_not_verify(was: bytes, becomes: bytes) -> None:
    raw = signed(LETTER)
    assert was in raw
    assert not dkim.verify(raw.replace(was, becomes, 1), dnsfunc=in_dns)


def test_both_unsubscribe_headers_are_signed() -> None:
    header = re.sub(rb"\s", b"", signed(LETTER).partition(b"\r\n\r\n")[0].split(b"From:")[0])
    names = header.partition(b";h=")[2].partition(b";")[0].split(b":")
    assert {b"from", b"subject", b"list-unsubscribe", b"list-unsubscribe-post"} <= set(names)


def test_an_ed25519_signature_is_over_the_same_text() -> None:
    """The library verifies these only with another package; so the key itself is asked."""
    key = Ed25519PrivateKey.generate()
    mail = mail_bytes(LETTER, "x@cadenza.test", NOW)
    header = Signer("cadenza.test", "s1", key).header(mail, NOW)
    assert b"a=ed25519-sha256" in header
    value = b64decode(re.sub(rb"\s", b"", header.rpartition(b"b=")[2]))
    assert len(value) == 64


def test_no_line_is_too_long() -> None:
    head = signed(LETTER).partition(b"From:")[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= 100


async def test_the_channel_signs_for_the_senders_domain_and_no_other() -> None:
    signers = Signers([Signer("cadenza.test", "s1", RSA)])
    async with scripted() as server:
        channel = SmtpChannel(at(server.port), message_id_domain="cadenza.test", signers=signers)
        await channel.send(LETTER)
        other = OutgoingMessage("1" * 32, Sender("x@other.test"), "ada@example.com", "Hi", "Hi")
        await channel.send(other)
        await channel.close()
    ours, theirs = server.letters
    assert dkim.verify(ours, dnsfunc=in_dns)
    assert b"DKIM-Signature" not in theirs


@pytest.mark.parametrize("wrong", [b"", b"no key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_what_is_no_such_key_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError):
        read_signer("cadenza.test", "s1", wrong)


def test_the_setting_names_a_file_for_each_domain(tmp_path: Path) -> None:
    file = tmp_path / "s1.pem"
    file.write_bytes(pem(RSA))
    given = Dkim.model_validate({"DKIM_KEYS": f"cadenza.test:s1:{file}, shop.test:s2:{file}"})
    read = [read_signer(*one) for one in given.domains()]
    assert [(one.domain, one.selector) for one in read] == [
        ("cadenza.test", "s1"),
        ("shop.test", "s2"),
    ]
    assert "PRIVATE" not in repr(read)


@pytest.mark.parametrize("wrong", ["cadenza.test", "cadenza.test:s1:", "a b:s1:/x", "x:s1:/none"])
def test_a_setting_that_cannot_be_used_stops_the_start(wrong: str) -> None:
    with pytest.raises(ValueError):
        Dkim.model_validate({"DKIM_KEYS": wrong})
