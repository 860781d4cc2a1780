"""How a key is spelled, `cad_<prefix>_<secret>`, and how its secret is kept.

The secret is 256 random bits, so nobody can try them out, and a fast hash keeps it as well as a
slow one would: SHA-256 costs a microsecond, which every request can afford. (Passwords are short
and chosen by people; theirs is slow on purpose.) Only digits and small letters a to f are used, so
that a double click selects the whole key, and scanners of leaked secrets find it by its beginning.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

BEGINNING: Final = "cad_"
_PREFIX_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_KEY: Final = re.compile(rf"{BEGINNING}([0-9a-f]{{12}})_([0-9a-f]{{64}})")
_NOBODYS_HASH: Final = hashlib.sha256(secrets.token_bytes(_SECRET_BYTES)).hexdigest()


@dataclass(frozen=True, slots=True)
class Spelled:
    """The two parts of a key; the secret never shows up in a log by accident."""

    prefix: str
    secret: str

    def __repr__(self) -> str:
        return f"Spelled({BEGINNING}{self.prefix}_…)"

    def whole(self) -> str:
        return f"{BEGINNING}{self.prefix}_{self.secret}"


def fresh(prefix: str | None = None) -> Spelled:
    """A new key, or a new secret for the key of this prefix."""
    return Spelled(prefix or secrets.token_hex(_PREFIX_BYTES), secrets.token_hex(_SECRET_BYTES))


def read_key(text: str) -> Spelled | None:
    found = _KEY.fullmatch(text)
    return None if found is None else Spelled(found[1], found[2])


def shown(prefix: str) -> str:
    """The part of a key that is no secret."""
    return f"{BEGINNING}{prefix}"


def prefix_in(text: str) -> str:
    """The prefix, however somebody names a key: all of it, its beginning, or the prefix alone."""
    return text.strip().removeprefix(BEGINNING).partition("_")[0]


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def same(secret: str, kept: str | None) -> bool:
    """Whether the hash is that of the secret, in the same time whether it is or not; None stands
    for a key that is not there.
    """
    equal = secrets.compare_digest(hash_of(secret), kept or _NOBODYS_HASH)
    return equal and kept is not None
