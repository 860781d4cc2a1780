"""A signature is over the bytes that came, and over nothing that only looks like them."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from engine.services.hooks import BadSignature
from engine.services.hooks.sources import is_signing_secret
from engine.services.hooks.verifying import verify

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
KEY = b"twenty-four bytes at all"
SECRET = "whsec_" + b64encode(KEY).decode()
STAMP = str(int(NOW.timestamp()))


def headers(body: bytes, key: bytes = KEY, stamp: str = STAMP) -> dict[str, str]:
    signed = hmac.new(key, f"m-1.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "m-1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{b64encode(signed).decode()}",
    }


def test_bytes_that_are_no_text_are_signed_as_they_are() -> None:
    body = b"Subject: caf\xe9\r\n\r\nback"
    assert verify([SECRET], headers(body), body, NOW) == "m-1"


def test_another_body_that_reads_the_same_is_refused() -> None:
    given = headers("mail \ufffd back".encode())
    with pytest.raises(BadSignature):
        verify([SECRET], given, b"mail \xff back", NOW)


def test_what_the_standards_own_library_signs_is_believed() -> None:
    body = '{"name": "Zoë"}'
    given = {**headers(b""), "webhook-signature": Webhook(SECRET).sign("m-1", NOW, body)}
    assert verify(["whsec_" + b64encode(b"x" * 24).decode(), SECRET], given, body.encode(), NOW)


def test_a_time_in_another_spelling_is_another_message() -> None:
    body = b"{}"
    given = {**headers(body), "webhook-timestamp": f"0{STAMP}"}
    with pytest.raises(BadSignature):
        verify([SECRET], given, body, NOW)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (SECRET, True),
        (SECRET.rstrip("="), True),
        ("whsec_schlüssel-schlüssel-schlüssel", False),
        ("whsec_a secret with spaces, and more of them", False),
        ("whsec_c2hvcnQ=", False),
        ("whsec_" + "a" * 25, False),
    ],
)
def test_a_secret_is_base64_to_the_letter(text: str, good: bool) -> None:
    assert is_signing_secret(text) is good
