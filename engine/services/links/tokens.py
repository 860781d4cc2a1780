"""Signed tokens: the part of a public address that says what its holder may do.

A token is `<key id>.<claim>.<signature>`. The claim is a few numbers and words (ids, never anything
personal), joined by colons. Each kind of link signs with keys of its own, so a token of one kind is
nothing to the door of another. Changing SECRET_KEY leaves sent links working as long as the old one
is believed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from engine.errors import NotFound

_TOKEN: Final = re.compile(r"([0-9a-f]{8})\.([A-Za-z0-9_-]{1,160})\.([A-Za-z0-9_-]{22})")
_IN_ADDRESS: Final = re.compile(
    r"/([a-z])/[0-9a-f]{8}\.[A-Za-z0-9_-]{1,160}(?:\.[A-Za-z0-9_-]{0,22})?"
)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}")
_NUMBERS_END: Final = 2**63
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
# 128 bits: as hard to guess as any key here, in 22 characters of the address.
_SIGNATURE_BYTES: Final = 16
_UNTIL: Final = "until"
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")

Part = int | str


class Kind(StrEnum):
    """What a link is for. The value is part of its keys and must never change."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    OPEN = "open"
    CLICK = "click"
    VIEW = "view"
    CONFIRM = "confirm"
    SURVEY = "survey"
    ANSWER = "answer"


# Where each kind is answered.
FOLDERS: Final[Mapping[Kind, str]] = {
    Kind.UNSUBSCRIBE: "/u/",
    Kind.PREFERENCES: "/p/",
    Kind.OPEN: "/o/",
    Kind.CLICK: "/c/",
    Kind.VIEW: "/v/",
    Kind.CONFIRM: "/d/",
    Kind.SURVEY: "/s/",
    Kind.ANSWER: "/a/",
}
# A letter from years ago must still be able to be stopped, so only what gives a permission expires.
EXPIRING: Final = frozenset({Kind.CONFIRM, Kind.ANSWER})


def without_tokens(url: str) -> str:
    """An address that may be kept and shown: of a link of ours its kind alone, because whoever has
    the token may do what it says."""
    return _IN_ADDRESS.sub(r"/\1/…", url)


class BadToken(NotFound):
    """The link was cut, changed, or signed by a key that is no longer known."""

    code = "bad_token"


class ExpiredToken(BadToken):
    """The link is ours, and its time is over."""

    code = "expired_token"


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of one kind: `signing` makes tokens, all of `known` are believed, by their ids."""

    signing: bytes
    signing_id: str
    known: Mapping[str, bytes]


class SignedLinks:
    """Makes and reads links. The first secret signs, all are believed."""

    def __init__(self, base_url: str, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("signed links need at least one secret")
        self.base_url = base_url.rstrip("/")
        self._keys = {kind: _keys(kind, secrets) for kind in Kind}

    def url(self, kind: Kind, *parts: Part, until: datetime | None = None) -> str:
        return f"{self.base_url}{FOLDERS[kind]}{self.token(kind, *parts, until=until)}"

    def token(self, kind: Kind, *parts: Part, until: datetime | None = None) -> str:
        """Good until then, to the second; kinds that expire must say so, and others cannot. Raises
        ValueError for that, and for what no claim may hold."""
        keys = self._keys[kind]
        claim = ":".join([_written(part) for part in parts])
        if (kind in EXPIRING) is (until is None):
            raise ValueError(f'a link of kind "{kind}" {"expires" if until is None else "stays"}')
        if until is not None:
            claim = f"{claim}:{_UNTIL}:{int(until.timestamp())}"
        body = _text(claim.encode())
        return f"{keys.signing_id}.{body}.{_signature(keys.signing, body)}"

    def mark(self, kind: Kind, *known: Part) -> str:
        """A word for a claim by which `is_mark` knows again what it was made of, such as an address
        that must not be readable in the link."""
        return _mark(self._keys[kind].signing, known)

    def is_mark(self, kind: Kind, mark: str, *known: Part) -> bool:
        keys = self._keys[kind].known.values()
        return any(hmac.compare_digest(_mark(key, known), mark) for key in keys)

    def read(self, kind: Kind, token: str, now: datetime | None = None) -> tuple[Part, ...]:
        """The claim's parts; raises BadToken, or ExpiredToken. `now` is for kinds that expire."""
        match = _TOKEN.fullmatch(token)
        key = self._keys[kind].known.get(match[1]) if match else None
        if match is None or key is None:
            raise BadToken("This link is not complete. Please use the link in the message.")
        # Only the canonical spelling: the last character of base64 has bits that mean nothing.
        if not hmac.compare_digest(_signature(key, match[2]), match[3]):
            raise BadToken("This link was changed. Please use the link in the message.")
        parts = _bytes(match[2]).decode("ascii", "replace").split(":")
        if kind in EXPIRING:
            parts = _still_good(parts, now)
        return tuple(_read(part) for part in parts)


def _keys(kind: Kind, secrets: Sequence[str]) -> _Keys:
    context = f"cadenza {kind} 1:".encode()
    keys = [hashlib.sha256(context + secret.encode()).digest() for secret in secrets]
    return _Keys(keys[0], _key_id(keys[0]), {_key_id(key): key for key in reversed(keys)})


def _still_good(parts: list[str], now: datetime | None) -> list[str]:
    if len(parts) < 3 or parts[-2] != _UNTIL or not _NUMBER.fullmatch(parts[-1]) or now is None:
        raise BadToken("This link is not one of ours.")
    if now >= datetime.fromtimestamp(int(parts[-1]), UTC):
        raise ExpiredToken("This link is too old. Ask for a new one.")
    return parts[:-2]


def _written(part: Part) -> str:
    if isinstance(part, str):
        if _WORD.fullmatch(part):
            return part
    elif 0 < part < _NUMBERS_END:
        return str(part)
    raise ValueError(f'"{str(part)[:80]}" cannot be put into a link')


def _read(part: str) -> Part:
    if _NUMBER.fullmatch(part):
        return int(part)
    if _WORD.fullmatch(part):
        return part
    raise BadToken("This link is not one of ours.")


def _key_id(key: bytes) -> str:
    """Names a key without telling anything about it."""
    return hashlib.sha256(b"key id:" + key).hexdigest()[:8]


def _signature(key: bytes, body: str) -> str:
    return _text(hmac.digest(key, body.encode(), "sha256")[:_SIGNATURE_BYTES])


def _mark(key: bytes, known: Sequence[Part]) -> str:
    told = "mark:" + ":".join(str(one) for one in known)
    return f"m{hmac.digest(key, told.encode('utf-8', 'replace'), 'sha256')[:12].hex()}"


def _text(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
