"""Whether a request comes from who it says: Standard Webhooks signatures.

Every failure is the same failure, and costs the same work, so that nobody learns which sources
there are or how close a guess was.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from engine.errors import NotSignedIn

TOLERANCE: Final = timedelta(minutes=5)
# Signatures in one header: one for each secret the sender has at a time.
MOST_SIGNATURES: Final = 8
_ID: Final = re.compile(r"[!-~]{1,200}")
_STAMP: Final = re.compile(r"[0-9]{1,11}")
# Signs what comes for a source that there is not.
_NOBODY: Final = b"the secret of a source that does not exist"


class BadSignature(NotSignedIn):
    """The source is unknown or inactive, or the signature is missing, wrong or too old."""

    code = "bad_signature"

    def __init__(self) -> None:
        super().__init__(
            "The source is unknown, or the request is not signed with its secret within the last "
            "five minutes. Send webhook-id, webhook-timestamp and webhook-signature as Standard "
            "Webhooks has them."
        )


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of the message. Raises BadSignature; `secrets` are all that are accepted now."""
    identity = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    in_form = bool(_ID.fullmatch(identity)) and bool(_STAMP.fullmatch(stamp))
    sent_at = datetime.fromtimestamp(int(stamp), UTC) if in_form else now
    # header values are text of any kind; the body is signed byte for byte, as it came
    content = f"{identity}.{stamp}.".encode("utf-8", "replace") + body
    matched = False
    for key in [_kept(secret) for secret in secrets] or [_NOBODY]:
        signed = hmac.new(key, content, hashlib.sha256).digest()
        wanted = b"v1," + b64encode(signed)
        for one in given:
            # all of them, in constant time: how long it takes says nothing
            matched |= hmac.compare_digest(one.encode("utf-8", "replace"), wanted)
    if not (matched and secrets and in_form and abs(now - sent_at) <= TOLERANCE):
        raise BadSignature
    return identity


def key_of(secret: str) -> bytes:
    """The bytes that `whsec_...` stands for, padded or not. Raises ValueError for what is not
    base64, to the letter: a sender that reads it strictly would have another key."""
    encoded = secret.removeprefix("whsec_").rstrip("=")
    return b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)


def _kept(secret: str) -> bytes:
    """As it was always read, also one that was kept before the letters were looked at."""
    return b64decode(secret.removeprefix("whsec_") + "==")
