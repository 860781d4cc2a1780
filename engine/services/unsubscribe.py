"""Links by which a contact stops mail without signing in.

A token is `<key id>.<claim>.<signature>`: the claim names a contact by number, a channel and a
purpose, so it holds nothing personal and can be forged by nobody without the secret. It does not
expire: a letter from years ago must still be able to be stopped.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import NotFound

_CONTEXT = b"cadenza unsubscribe 1:"
_TOKEN = re.compile(r"([0-9a-f]{8})\.([A-Za-z0-9_-]{4,120})\.([A-Za-z0-9_-]{22})")
_CLAIM = re.compile(r"([1-9][0-9]{0,18}):([a-z_]{1,30}):([a-z_]{1,30})")
# 128 bits: as hard to guess as any key here, in 22 characters of the address.
_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class UnsubscribeClaim:
    """Who may stop what by a link."""

    contact_id: int
    channel: str
    purpose: str


class BadToken(NotFound):
    """The link was cut, changed, or signed by a key that is no longer known."""

    code = "bad_token"


class UnsubscribeLinks:
    """Makes and reads links. The first secret signs; all of them are believed, so that a changed
    secret leaves the links of sent letters working."""

    def __init__(self, base_url: str, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("unsubscribe links need at least one secret")
        self._base = base_url.rstrip("/")
        keys = [hashlib.sha256(_CONTEXT + secret.encode()).digest() for secret in secrets]
        self._signing = keys[0]
        self._signing_id = _key_id(keys[0])
        self._keys: Mapping[str, bytes] = {_key_id(key): key for key in reversed(keys)}

    def url(self, contact_id: int, channel: str, purpose: str) -> str:
        return f"{self._base}/u/{self.token(contact_id, channel, purpose)}"

    def token(self, contact_id: int, channel: str, purpose: str) -> str:
        claim = f"{contact_id}:{channel}:{purpose}"
        if not _CLAIM.fullmatch(claim):
            raise ValueError(f'"{claim}" cannot be put into a link')
        body = _text(claim.encode())
        return f"{self._signing_id}.{body}.{_signature(self._signing, body)}"

    def read(self, token: str) -> UnsubscribeClaim:
        """What the token allows; raises BadToken."""
        match = _TOKEN.fullmatch(token)
        key = self._keys.get(match[1]) if match else None
        if match is None or key is None:
            raise BadToken("This link is not complete. Please use the link in the message.")
        if not hmac.compare_digest(_signature(key, match[2]), match[3]):
            raise BadToken("This link was changed. Please use the link in the message.")
        claim = _CLAIM.fullmatch(_bytes(match[2]).decode("ascii", "replace"))
        if claim is None:
            raise BadToken("This link is not one of ours.")
        return UnsubscribeClaim(int(claim[1]), claim[2], claim[3])


def _key_id(key: bytes) -> str:
    """Names a key without telling anything about it."""
    return hashlib.sha256(b"key id:" + key).hexdigest()[:8]


def _signature(key: bytes, body: str) -> str:
    return _text(hmac.digest(key, body.encode(), "sha256")[:_SIGNATURE_BYTES])


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
