"""Secrets at rest: AES-256-GCM under ENCRYPTION_KEY, else under a key made from SECRET_KEY.

A sealed text begins with the id of its key, so keys rotate as they do for Temporal's payloads: the
first one writes, all of them read.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import Conflict

# GCM's recommended length; a fresh random one per secret.
_NONCE_BYTES: Final = 12
_SEPARATOR: Final = "$"


class Unreadable(Conflict):
    """A secret was sealed with a key that the settings no longer name."""

    code = "secret_unreadable"


class SecretBox:
    """`keys` are 32 bytes each by id; the first one seals. A box without keys refuses both."""

    def __init__(self, keys: Mapping[str, bytes] | None = None) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in (keys or {}).items()}

    def __repr__(self) -> str:
        return f"SecretBox({', '.join(self._ciphers)})"

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Names of the keys, the one that seals first; never the keys."""
        return tuple(self._ciphers)

    def seal(self, secret: str, purpose: str) -> str:
        """`purpose` says what it is for; it opens for nothing else. Raises Conflict without a
        key."""
        if not self._ciphers:
            raise Conflict("There is no key to keep secrets with. Set SECRET_KEY.")
        name, cipher = next(iter(self._ciphers.items()))
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, secret.encode(), purpose.encode())
        return f"{name}{_SEPARATOR}{b64encode(sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """Raises Unreadable."""
        name, _, encoded = sealed.rpartition(_SEPARATOR)
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise Unreadable(
                f'A secret was sealed with the key "{name}", which is not set any more. Set it '
                "again beside the new one, or set the secret anew."
            )
        raw = b64decode(encoded)
        try:
            nonce, rest = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
            return cipher.decrypt(nonce, rest, purpose.encode()).decode()
        except InvalidTag as error:
            raise Unreadable(
                f'A secret does not fit the key "{name}". Set the secret anew.'
            ) from error


def box_of(keys: Mapping[str, bytes], secret_keys: Iterable[str] = ()) -> SecretBox:
    """A box with the encryption keys of the settings, then those made from SECRET_KEY and the one
    before it; the first of all seals."""
    found = dict(keys)
    for text in secret_keys:
        key = hashlib.blake2b(text.encode(), digest_size=32, person=b"cadenza-secrets").digest()
        found.setdefault(f"own-{hashlib.sha256(key).hexdigest()[:8]}", key)
    return SecretBox(found)
