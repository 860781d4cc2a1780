"""Signing letters for their sender's domain (DKIM: RFC 6376; Ed25519: RFC 8463).

The usual library signs RSA in Python and takes 14 ms a letter of 6 KB; `cryptography` takes 1 ms
and lets other threads run meanwhile. So only what is signed is written here, and the tests let that
library read it back (docs/decisions/0012-dkim-by-cryptography.md).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from engine.channels.address import on_the_wire

# What a reader sees or acts on. RFC 8058 wants both unsubscribe headers signed.
_SIGNED: Final = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type"),
    *("list-unsubscribe", "list-unsubscribe-post", "auto-submitted"),
)
# RFC 8301 forbids shorter ones.
_SHORTEST_RSA_BITS: Final = 1024
_SPACES: Final = re.compile(rb"[ \t\r\n]+")
_LINE: Final = 72


@dataclass(frozen=True, slots=True)
class Signer:
    """One domain's key. `selector` is where in DNS its public half stands."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"Signer({self.selector}._domainkey.{self.domain})"

    def header(self, mail: bytes, now: datetime) -> bytes:
        """The DKIM-Signature line for a whole mail, to be put before it."""
        head, _, body = mail.partition(b"\r\n\r\n")
        fields = _fields(head)
        names = [name for name in _SIGNED if name.encode() in fields]
        algorithm = "rsa" if isinstance(self.key, RSAPrivateKey) else "ed25519"
        values = (
            f"v=1; a={algorithm}-sha256; c=relaxed/simple; d={self.domain}; s={self.selector};"
            f"\r\n t={int(now.timestamp())}; h={':'.join(names[:6])}"
            + (f"\r\n :{':'.join(names[6:])}" if names[6:] else "")
            + f";\r\n bh={b64encode(hashlib.sha256(_plain_body(body)).digest()).decode()};\r\n b="
        ).encode()
        signed = b"".join(_relaxed(name.encode(), fields[name.encode()]) for name in names)
        signed += _relaxed(b"dkim-signature", values).removesuffix(b"\r\n")
        signature = b64encode(self._sign(signed))
        lines = [signature[at : at + _LINE] for at in range(0, len(signature), _LINE)]
        return b"DKIM-Signature: " + values + b"\r\n ".join(lines) + b"\r\n"

    def _sign(self, signed: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(signed, padding.PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(signed).digest())


class Signers:
    """Signers by the domain of the sender; a sender of another domain goes unsigned."""

    def __init__(self, signers: Sequence[Signer] = ()) -> None:
        self._by_domain: Mapping[str, Signer] = {one.domain: one for one in signers}

    async def signed(self, mail: bytes, sender: str, now: datetime) -> bytes:
        """The mail with its signature before it, made off the event loop."""
        signer = self._by_domain.get(on_the_wire(sender).rpartition("@")[2].lower())
        if signer is None:
            return mail
        return await asyncio.to_thread(signer.header, mail, now) + mail


def read_signer(domain: str, selector: str, pem: bytes) -> Signer:
    """Raises ValueError for what is no RSA or Ed25519 key."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise ValueError("is no private key in PEM without a password") from None
    if isinstance(key, RSAPrivateKey) and key.key_size >= _SHORTEST_RSA_BITS:
        return Signer(domain.lower(), selector, key)
    if isinstance(key, Ed25519PrivateKey):
        return Signer(domain.lower(), selector, key)
    raise ValueError("must be an RSA key of 1024 bits or more, or an Ed25519 key")


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Values as they stand, by lower name. Our own mails name a header once."""
    fields: dict[bytes, bytes] = {}
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        fields[name.lower()] = value
    return fields


def _relaxed(name: bytes, value: bytes) -> bytes:
    """RFC 6376 3.4.2."""
    return name + b":" + _SPACES.sub(b" ", value).strip() + b"\r\n"


def _plain_body(body: bytes) -> bytes:
    """RFC 6376 3.4.3: empty lines at the end do not count."""
    return body.rstrip(b"\r\n") + b"\r\n"
