"""SendGrid's event webhook: whom we believe, and what its events say."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from sendgrid.helpers.eventwebhook import EventWebhook

from engine.channels.reports import Bounce, What
from engine.channels.sendgrid_events import WINDOW, BadKey, SignedEvents, reports_in

PRIVATE = ec.derive_private_key(20261122, ec.SECP256R1())
OTHER = ec.derive_private_key(11222026, ec.SECP256R1())
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
EVENT: dict[str, Any] = {
    "event": "delivered",
    "sg_event_id": "event-1",
    "timestamp": int(NOW.timestamp()),
    "email": "ada@example.com",
    "cadenza_message": "0123456789abcdef",
}


def public(key: ec.EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def signature(body: bytes, stamp: str = STAMP, key: ec.EllipticCurvePrivateKey = PRIVATE) -> str:
    signed = key.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    return base64.b64encode(signed).decode()


def test_a_signed_body_is_believed() -> None:
    assert SignedEvents([public(PRIVATE)]).believes(signature(b"[]"), STAMP, b"[]", NOW)


@given(body=st.text(max_size=200), stamp=st.integers(0, 10**10))
def test_we_believe_what_the_packages_own_verifier_believes(body: str, stamp: int) -> None:
    """Both on the same vectors, signed by the right key and by a wrong one."""
    raw, at = body.encode("utf-8", "replace"), str(stamp)
    text = raw.decode()
    theirs, ours = EventWebhook(public(PRIVATE)), SignedEvents([public(PRIVATE)])
    now = datetime.fromtimestamp(stamp, UTC)
    for key in (PRIVATE, OTHER):
        given_ = signature(raw, at, key)
        assert theirs.verify_signature(text, given_, at) is (key is PRIVATE)
        assert ours.believes(given_, at, raw, now) is (key is PRIVATE)


def test_a_changed_body_or_time_is_not_believed() -> None:
    events = SignedEvents([public(PRIVATE)])
    signed = signature(b"[1]")
    assert not events.believes(signed, STAMP, b"[2]", NOW)
    assert not events.believes(signed, str(int(STAMP) + 1), b"[1]", NOW)


@pytest.mark.parametrize("away", [-WINDOW - timedelta(seconds=1), WINDOW + timedelta(seconds=1)])
def test_an_old_request_is_a_replay(away: timedelta) -> None:
    events = SignedEvents([public(PRIVATE)])
    assert not events.believes(signature(b"[]"), STAMP, b"[]", NOW + away)


@pytest.mark.parametrize("given_", ["", "not base64", "AAAA", "é"])
def test_what_is_no_signature_is_not_believed(given_: str) -> None:
    assert not SignedEvents([public(PRIVATE)]).believes(given_, STAMP, b"[]", NOW)


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "1e9", "٣", "9" * 12, "9" * 30])
def test_what_is_no_time_is_not_believed(stamp: str) -> None:
    signed = signature(b"[]", stamp)
    assert not SignedEvents([public(PRIVATE)]).believes(signed, stamp, b"[]", NOW)


def test_while_a_key_is_changed_both_are_believed() -> None:
    events = SignedEvents([public(PRIVATE), public(OTHER)])
    for key in (PRIVATE, OTHER):
        assert events.believes(signature(b"[]", key=key), STAMP, b"[]", NOW)


def test_without_a_key_nobody_is_believed() -> None:
    assert not SignedEvents([]).believes(signature(b"[]"), STAMP, b"[]", NOW)


@pytest.mark.parametrize("key", ["", "abc", base64.b64encode(b"nothing").decode()])
def test_a_key_that_is_none_is_named_at_the_start(key: str) -> None:
    with pytest.raises(BadKey):
        SignedEvents([key])


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ({"event": "processed"}, What.TAKEN),
        ({"event": "delivered"}, What.DELIVERED),
        ({"event": "deferred"}, What.PUT_OFF),
        ({"event": "dropped"}, What.DROPPED),
        ({"event": "bounce"}, What.BOUNCED),
        ({"event": "bounce", "type": "bounce"}, What.BOUNCED),
        ({"event": "bounce", "type": "blocked"}, What.BLOCKED),
        ({"event": "open"}, What.OPENED),
        ({"event": "click", "url": "https://example.com/"}, What.CLICKED),
        ({"event": "spamreport"}, What.COMPLAINED),
        ({"event": "unsubscribe"}, What.UNSUBSCRIBED),
        ({"event": "group_unsubscribe"}, What.UNSUBSCRIBED),
    ],
)
def test_each_event_has_its_meaning(event: dict[str, Any], what: What) -> None:
    [report] = reports_in(json.dumps([EVENT | event]).encode())
    assert report.what is what
    assert report.at == NOW
    assert (report.url is not None) is (what is What.CLICKED)


def test_an_open_by_a_machine_says_so() -> None:
    [report] = reports_in(json.dumps([EVENT | {"event": "open", "sg_machine_open": True}]).encode())
    assert report.by_machine


def test_of_a_bounce_only_codes_are_kept() -> None:
    reason = {"reason": "550 no ada@example.com", "status": "5.1.1",
              "bounce_classification": "Invalid Address"}  # fmt: skip
    [report] = reports_in(json.dumps([EVENT | {"event": "bounce"} | reason]).encode())
    assert report.code == "5.1.1"
    del reason["status"]
    [report] = reports_in(json.dumps([EVENT | {"event": "bounce"} | reason]).encode())
    assert report.code == "invalid_address"


@pytest.mark.parametrize(
    "change",
    [
        {"event": "group_resubscribe"},
        {"event": None},
        {"event": ["delivered"]},
        {"cadenza_message": None},
        {"cadenza_message": 7},
        {"sg_event_id": None},
        {"sg_event_id": "x" * 201},
        {"timestamp": "now"},
        {"timestamp": True},
        {"timestamp": -1},
        {"timestamp": 1 << 40},
    ],
)
def test_events_that_are_not_about_our_messages_are_left_out(change: dict[str, Any]) -> None:
    found = reports_in(json.dumps([EVENT | change, 5, None, [], EVENT]).encode())
    assert [report.id for report in found] == ["event-1"]


@pytest.mark.parametrize("body", [b"", b"{}", b"5", b"[", b"\xff"])
def test_a_body_that_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        reports_in(body)


def tampered(body: bytes, stamp: str, given_: str) -> list[tuple[str, str, bytes]]:
    """(signature, timestamp, body) with one thing changed in each."""
    raw = base64.b64decode(given_)
    flipped = base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()
    return [
        (given_, stamp, body + b" "),
        (given_, stamp, body[:-1]),
        (given_, stamp, body.replace(b"delivered", b"bounce")),
        (given_, str(int(stamp) + 1), body),
        (given_, f"{stamp}0"[:11], body),
        (flipped, stamp, body),
        (signature(body, stamp, OTHER), stamp, body),
        (signature(body, str(int(stamp) - 1)), stamp, body),
    ]


def test_we_and_the_package_refuse_the_same_tampered_vectors() -> None:
    body = json.dumps([EVENT]).encode()
    theirs, ours = EventWebhook(public(PRIVATE)), SignedEvents([public(PRIVATE)])
    right = signature(body)
    assert theirs.verify_signature(body.decode(), right, STAMP)
    assert ours.believes(right, STAMP, body, NOW)
    for given_, stamp, changed in tampered(body, STAMP, right):
        assert not theirs.verify_signature(changed.decode(), given_, stamp)
        at = datetime.fromtimestamp(int(stamp), UTC)
        assert not ours.believes(given_, stamp, changed, at)


def test_the_timestamp_is_a_part_of_what_is_signed() -> None:
    """The border between the two cannot be moved: "1" and "23" is not "12" and "3"."""
    body, stamp = b"1" + STAMP.encode(), STAMP
    moved = signature(body, stamp)
    ours = SignedEvents([public(PRIVATE)])
    assert ours.believes(moved, stamp, body, NOW)
    assert not ours.believes(moved, f"{stamp}1", STAMP.encode(), NOW)


@pytest.mark.parametrize(
    ("more", "bounce"),
    [
        ({"type": "bounce", "status": "5.1.1"}, Bounce.HARD),
        ({"type": "bounce", "status": "5.7.1"}, Bounce.HARD),
        ({"type": "blocked", "status": "5.2.2"}, Bounce.FULL),
        ({"type": "blocked", "status": "4.7.1"}, Bounce.BLOCK),
        ({"type": "blocked", "bounce_classification": "Reputation"}, Bounce.BLOCK),
        ({"type": "blocked", "bounce_classification": "Mailbox Unavailable"}, Bounce.SOFT),
        ({"type": "blocked", "status": "5.1.1"}, Bounce.SOFT),
        ({"type": "blocked", "status": 5}, Bounce.SOFT),
        ({}, Bounce.HARD),
    ],
)
def test_a_bounce_says_what_kind_it_was(more: dict[str, Any], bounce: Bounce) -> None:
    (report,) = reports_in(json.dumps([{**EVENT, "event": "bounce", **more}]).encode())
    assert report.bounce is bounce
    assert report.what is bounce.what
