"""Envelope senders that name a message (VERP): where its failure is reported to.

`bounces+<token>@mail.example.com`, or `<token>@bounces.example.com` where a whole domain is taken
for it. The token is our id of the message and a signature, in base32, because servers change
capitals. It holds nothing of the person it was sent to.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterator, Sequence

_CONTEXT = b"cadenza bounces 1:"
_KEY_BYTES = 16
# 64 bits: a forger has to send us a mail for each guess.
_SIGNATURE_BYTES = 8
_TOKEN_LENGTH = 39
_KEY = re.compile(r"[0-9a-f]{32}")


class BounceAddresses:
    """The first secret signs; all are believed, so that mail sent before a change still counts."""

    def __init__(self, address: str, secrets: Sequence[str]) -> None:
        """`address` such as bounces@mail.example.com or @bounces.example.com."""
        if not secrets or not all(secrets):
            raise ValueError("bounce addresses need at least one secret")
        name, _, self._domain = address.rpartition("@")
        self._prefix = f"{name}+" if name else ""
        self._keys = [hashlib.sha256(_CONTEXT + secret.encode()).digest() for secret in secrets]
        self._pattern = re.compile(
            rf"(?<![\w.+-]){re.escape(self._prefix)}([a-z2-7]{{{_TOKEN_LENGTH}}})"
            rf"@{re.escape(self._domain)}(?![\w.-])",
            re.IGNORECASE | re.ASCII,
        )

    def of(self, provider_key: str) -> str | None:
        """The envelope sender of this message; None for a key that is not one of ours."""
        if not _KEY.fullmatch(provider_key):
            return None
        key = bytes.fromhex(provider_key)
        token = b32encode(key + _signature(self._keys[0], key)).decode().rstrip("=").lower()
        return f"{self._prefix}{token}@{self._domain}"

    def keys_in(self, text: str) -> Iterator[str | None]:
        """Of every bounce address in the text the key of its message; None for a forged one."""
        for match in self._pattern.finditer(text):
            yield self._key(match[1])

    def _key(self, token: str) -> str | None:
        # 39 characters of base32 and one of padding are 24 bytes and 3 bits
        raw = b32decode(token.upper() + "=")
        key, given = raw[:_KEY_BYTES], raw[_KEY_BYTES : _KEY_BYTES + _SIGNATURE_BYTES]
        for secret in self._keys:
            if hmac.compare_digest(_signature(secret, key), given):
                return key.hex()
        return None


def _signature(secret: bytes, key: bytes) -> bytes:
    return hmac.digest(secret, key, "sha256")[:_SIGNATURE_BYTES]
