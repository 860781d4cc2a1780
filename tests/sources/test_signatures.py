"""Requests are believed when they are signed as their source signs, and only then."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from engine.services.hooks.schemes import SIGNATURES, identify, new_secret
from engine.services.hooks.verifying import BadSignature

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BODY = b'{"id": 1}'
SECRET = "a secret that both of us know"
HEADERS = {"hmac_hex": "X-Signature", "hmac_base64": "X-Signature", "token": "X-Token"}
Signed = Callable[[str, bytes, datetime], dict[str, str]]


def mac(secret: str, content: bytes) -> hmac.HMAC:
    return hmac.new(secret.encode(), content, hashlib.sha256)


def github(secret: str, body: bytes, _: datetime) -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={mac(secret, body).hexdigest()}"}


def shopify(secret: str, body: bytes, _: datetime) -> dict[str, str]:
    return {"x-shopify-hmac-sha256": b64encode(mac(secret, body).digest()).decode()}


def stripe(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signature = mac(secret, stamp.encode() + b"." + body).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={'0' * 64},v1={signature},v0=old"}


def slack(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signature = mac(secret, b"v0:" + stamp.encode() + b":" + body).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={signature}"}


def plain_hex(secret: str, body: bytes, _: datetime) -> dict[str, str]:
    return {"x-signature": mac(secret, body).hexdigest()}


def plain_base64(secret: str, body: bytes, _: datetime) -> dict[str, str]:
    return {"x-signature": b64encode(mac(secret, body).digest()).decode()}


def token(secret: str, _: bytes, __: datetime) -> dict[str, str]:
    return {"x-token": f"Bearer {secret}"}


WAYS: dict[str, Signed] = {
    "github": github,
    "shopify": shopify,
    "stripe": stripe,
    "slack": slack,
    "hmac_hex": plain_hex,
    "hmac_base64": plain_base64,
    "token": token,
}


def known(way: str, headers: dict[str, str], *secrets: str, body: bytes = BODY) -> str:
    return identify(way, HEADERS.get(way), secrets, headers, body, NOW)


def test_every_way_is_tried_here() -> None:
    assert {*WAYS, "standard"} == set(SIGNATURES)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_signed_rightly_is_known_by_its_body(way: str) -> None:
    headers = WAYS[way](SECRET, BODY, NOW)
    first = known(way, headers, SECRET)
    assert known(way, headers, "another secret, newer", SECRET) == first
    other = b'{"id": 2}'
    assert known(way, WAYS[way](SECRET, other, NOW), SECRET, body=other) != first


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_is_refused(way: str) -> None:
    for headers, secrets in (
        ({}, (SECRET,)),
        (WAYS[way]("another secret, not theirs", BODY, NOW), (SECRET,)),
        (WAYS[way](SECRET, BODY, NOW), ()),
        (dict.fromkeys(WAYS[way](SECRET, BODY, NOW), ""), (SECRET,)),
        (dict.fromkeys(WAYS[way](SECRET, BODY, NOW), "�"), (SECRET,)),
    ):
        with pytest.raises(BadSignature):
            known(way, headers, *secrets)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "token"])
def test_a_changed_body_is_refused(way: str) -> None:
    with pytest.raises(BadSignature):
        known(way, WAYS[way](SECRET, BODY, NOW), SECRET, body=b'{"id": 3}')


@pytest.mark.parametrize("way", ["stripe", "slack"])
@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_request_is_refused_where_its_time_is_signed(way: str, late: timedelta) -> None:
    with pytest.raises(BadSignature):
        known(way, WAYS[way](SECRET, BODY, NOW - late), SECRET)


def test_secrets_are_long_and_never_the_same() -> None:
    assert len({new_secret("github") for _ in range(20)}) == 20
    assert len(new_secret("token")) >= 43
