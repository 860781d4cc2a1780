"""What Temporal stores is unreadable without our key: AES-256-GCM around every payload.

Keys rotate by id: the first key of the settings writes, all of them read, so an old key may go
once nothing written with it is left (a namespace's retention after it stopped writing).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"
KEY_ID = "encryption-key-id"
# GCM's recommended length; a fresh random one per payload.
NONCE_BYTES = 12


class UnreadablePayload(ValueError):
    """A payload was written with a key that the settings no longer name, or was tampered with."""


class EncryptingCodec(PayloadCodec):
    """`keys` are 32 bytes each by id; the first one writes. Payloads in the clear pass through, so
    that a key can be set while older workflows still run."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("a codec without a key would only look like one")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._writer = next(iter(keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce, name = os.urandom(NONCE_BYTES), self._writer.encode()
        sealed = self._ciphers[self._writer].encrypt(nonce, payload.SerializeToString(), name)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: name}, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        name = payload.metadata[KEY_ID]
        cipher = self._ciphers.get(name.decode())
        if cipher is None:
            raise UnreadablePayload(
                f'A workflow was written with the encryption key "{name.decode()}", which '
                "ENCRYPTION_KEY does not name. Add it there again, after the key that writes."
            )
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, name))
        except InvalidTag as error:
            raise UnreadablePayload(
                f'A payload does not fit the encryption key "{name.decode()}": the key under this '
                "id was changed, or the data was. Give every key an id of its own."
            ) from error
