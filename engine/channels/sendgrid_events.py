"""SendGrid's event webhook: whose signature is believed, and what the events say.

Sources: "Event Webhook Reference" and "Event Webhook Security Features" of SendGrid's docs. The
signature is ECDSA over the timestamp followed by the body; events may come twice, late and in any
order.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from engine.channels.bounces.status import failure
from engine.channels.reports import Bounce, Report, What
from engine.channels.sendgrid import OUR_ID

SIGNATURE_HEADER: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP_HEADER: Final = "x-twilio-email-event-webhook-timestamp"
# Older requests are a replay, or a clock that is wrong.
WINDOW: Final = timedelta(minutes=5)
_LONGEST_CODE: Final = 60
_LONGEST_URL: Final = 2_000
_LONGEST_ID: Final = 200
_WHAT: Final[Mapping[str, What]] = {
    "processed": What.TAKEN,
    "delivered": What.DELIVERED,
    "deferred": What.PUT_OFF,
    "dropped": What.DROPPED,
    "open": What.OPENED,
    "click": What.CLICKED,
    "spamreport": What.COMPLAINED,
    "unsubscribe": What.UNSUBSCRIBED,
    "group_unsubscribe": What.UNSUBSCRIBED,
}
# What SendGrid calls refusals because of the sender or of what was sent.
_BLOCKS: Final = frozenset(
    {"Reputation", "Content", "Technical Failure", "Frequency or Volume Too High"}
)
# Words of SendGrid's own for a bounce; the rest of its `reason` is the other server's, and may
# name the address.
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class BadKey(ValueError):
    """The verification key of the settings cannot be read."""


class SignedEvents:
    """Believes requests that one of several keys has signed, so that a key can be changed."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` as SendGrid shows them: base64 of a DER public key. Raises BadKey."""
        self._keys = [_public_key(key) for key in keys]

    def believes(self, signature: str, timestamp: str, body: bytes, now: datetime) -> bool:
        """Whether the body came from SendGrid within the last minutes."""
        if not re.fullmatch(r"\d{1,11}", timestamp, re.ASCII):
            return False
        if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > WINDOW:
            return False
        try:
            given = b64decode(signature, validate=True)
        except (NotBase64, ValueError):
            return False
        signed = timestamp.encode() + body
        return any(_verifies(key, given, signed) for key in self._keys)


def reports_in(body: bytes) -> list[Report]:
    """The events that concern messages of ours; others, and what cannot be read, are left out.

    Raises ValueError when the body is no JSON array.
    """
    given = orjson.loads(body)
    if not isinstance(given, list):
        raise ValueError("not an array of events")
    return [report for event in given if (report := _report(event)) is not None]


def _report(event: Any) -> Report | None:
    if not isinstance(event, dict):
        return None
    key, identity, at = event.get(OUR_ID), event.get("sg_event_id"), event.get("timestamp")
    if not (isinstance(key, str) and isinstance(identity, str) and isinstance(at, int)):
        return None
    what = _what(event)
    if what is None or isinstance(at, bool) or not 0 < at < 1 << 36 or len(identity) > _LONGEST_ID:
        return None
    return Report(
        id=identity,
        provider_key=key,
        what=what,
        at=datetime.fromtimestamp(at, UTC),
        by_machine=event.get("sg_machine_open") is True,
        url=_text(event.get("url"), _LONGEST_URL) if what is What.CLICKED else None,
        code=next(_codes(event), None),
        bounce=_bounce(event) if event.get("event") == "bounce" else None,
    )


def _what(event: Mapping[str, Any]) -> What | None:
    name = event.get("event")
    if name == "bounce":
        # "blocked" may pass: a full mailbox, a list the sending machine is on
        return What.BLOCKED if event.get("type") == "blocked" else What.BOUNCED
    return _WHAT.get(name) if isinstance(name, str) else None


def _bounce(event: Mapping[str, Any]) -> Bounce:
    if event.get("type") != "blocked":
        return Bounce.HARD
    category = event.get("bounce_classification")
    if isinstance(category, str) and category in _BLOCKS:
        return Bounce.BLOCK
    status = event.get("status")
    found = failure(status if isinstance(status, str) else None, "").bounce
    # it says itself that the address may be good
    return Bounce.SOFT if found is Bounce.HARD else found


def _codes(event: Mapping[str, Any]) -> Iterator[str]:
    status = event.get("status")
    if isinstance(status, str) and _STATUS.fullmatch(status):
        yield status
    category = event.get("bounce_classification")
    if isinstance(category, str) and re.fullmatch(r"[A-Za-z /]{1,60}", category):
        yield category.lower().replace(" ", "_")


def _text(value: object, longest: int) -> str | None:
    return value[:longest] if isinstance(value, str) else None


def _public_key(text: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(b64decode(text.strip(), validate=True))
    except (NotBase64, ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("this is no public key as SendGrid shows it") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadKey("this is no key for ECDSA")
    return key


def _verifies(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
