"""Who signs how: the ways in which other systems prove that a request is theirs.

Standard Webhooks signs an id and a time with the body, so its id says which message it is. GitHub,
Shopify and plain HMAC sign the body alone: a header with an id could be changed by whoever caught
the request, so a message is known by its body. Stripe and Slack sign a time as well, and an old
request is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets as random_secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from engine.services.hooks.verifying import TOLERANCE, BadSignature
from engine.services.hooks.verifying import verify as verify_standard

Signature = Literal[
    "standard", "github", "shopify", "stripe", "slack", "hmac_hex", "hmac_base64", "token"
]
SIGNATURES: Final[tuple[Signature, ...]] = get_args(Signature)
# The person names the header of these.
OWN_HEADER: Final = frozenset({"hmac_hex", "hmac_base64", "token"})
HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
# Names that carry something else already, or that a proxy may change.
FORBIDDEN_HEADERS: Final = frozenset(
    {"host", "content-length", "content-type", "cookie", "connection", "transfer-encoding"}
)
FEWEST_CHARACTERS: Final = 16
LONGEST_SECRET: Final = 512
_MOST_GIVEN: Final = 8
_STAMP: Final = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True, slots=True)
class Signed:
    """What of a request is looked at: all candidates given, and the bytes they are to sign."""

    given: tuple[str, ...]
    content: bytes
    fresh: bool = True


def identify(
    signature: str,
    header: str | None,
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> str:
    """The id of the message. Raises BadSignature, whatever is wrong; `secrets` are all that are
    accepted now."""
    if signature == "standard":
        return verify_standard(secrets, headers, body, now)
    signed = _signed(signature, header or "", headers, body, now)
    matched = False
    for secret in secrets or ("the secret of a source that does not exist",):
        wanted = _wanted(signature, secret, signed.content)
        for one in signed.given:
            # all of them, in constant time: how long it takes says nothing
            matched |= hmac.compare_digest(one.encode("utf-8", "replace"), wanted)
    if not (matched and secrets and signed.fresh):
        raise BadSignature
    return f"body-{hashlib.sha256(body).hexdigest()[:40]}"


def new_secret(signature: str) -> str:
    """For every way but Standard Webhooks'."""
    return random_secrets.token_urlsafe(36 if signature == "token" else 32)


def is_plain_secret(text: str) -> bool:
    return FEWEST_CHARACTERS <= len(text) <= LONGEST_SECRET and text.isprintable()


def _signed(
    signature: str, header: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Signed:
    match signature:
        case "github":
            return Signed(_without(headers.get("x-hub-signature-256", ""), "sha256="), body)
        case "shopify":
            return Signed((headers.get("x-shopify-hmac-sha256", "").strip(),), body)
        case "stripe":
            parts = [
                one.strip().partition("=")
                for one in headers.get("stripe-signature", "").split(",")[: _MOST_GIVEN + 2]
            ]
            stamp = next((value for name, _, value in parts if name == "t"), "")
            given = tuple(value for name, _, value in parts if name == "v1")
            return Signed(given, stamp.encode() + b"." + body, _is_fresh(stamp, now))
        case "slack":
            stamp = headers.get("x-slack-request-timestamp", "")
            given = _without(headers.get("x-slack-signature", ""), "v0=")
            content = b"v0:" + stamp.encode("utf-8", "replace") + b":" + body
            return Signed(given, content, _is_fresh(stamp, now))
        case "token":
            return Signed((headers.get(header.lower(), "").removeprefix("Bearer ").strip(),), b"")
        case _:
            return Signed(_without(headers.get(header.lower(), ""), "sha256="), body)


def _wanted(signature: str, secret: str, content: bytes) -> bytes:
    if signature == "token":
        return secret.encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256)
    if signature in ("shopify", "hmac_base64"):
        return b64encode(digest.digest())
    return digest.hexdigest().encode()


def _without(text: str, prefix: str) -> tuple[str, ...]:
    """Some send several, with commas between them, while they change their secret."""
    return tuple(one.strip().removeprefix(prefix) for one in text.split(",")[:_MOST_GIVEN])


def _is_fresh(stamp: str, now: datetime) -> bool:
    if not _STAMP.fullmatch(stamp):
        return False
    return abs(now - datetime.fromtimestamp(int(stamp), UTC)) <= TOLERANCE
