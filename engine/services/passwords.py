"""Hashing passwords and telling weak ones. A hash takes about 130 ms and 64 MiB."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Problem

SHORTEST: Final = 12
LONGEST: Final = 256
FEWEST_DIFFERENT: Final = 5

# The library's defaults are the second set RFC 9106 recommends: 64 MiB and three passes.
_HASHER: Final = PasswordHasher()

# Long enough to pass the length check, and still what is tried first everywhere.
_WELL_KNOWN: Final = frozenset(
    {"123456789012", "1234567890123", "qwertyuiop12", "passwordpassword", "password1234"}
    | {"adminadminadmin", "changemechangeme", "letmeinletmein", "iloveyouiloveyou"}
)


async def hashed(password: str) -> str:
    """Off the event loop."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; just as slow when there is no user (None). Off the loop."""
    return await asyncio.to_thread(_matches, password_hash, password)


def weakness(new: str, *, current: str, email: str | None, name: str) -> Problem | None:
    """Why a new password is not accepted, or None."""
    if len(new) < SHORTEST:
        return Problem("/new", "too_short", f"use at least {SHORTEST} characters")
    if len(new) > LONGEST:
        return Problem("/new", "too_long", f"use at most {LONGEST} characters")
    if new == current:
        return Problem("/new", "same", "use another password than the present one")
    if not _encodes(new):
        return Problem("/new", "not_text", "one of the characters is not text")
    plain = new.casefold()
    obvious = {(email or "").casefold(), name.casefold(), *_WELL_KNOWN}
    if plain in obvious or len(set(plain)) < FEWEST_DIFFERENT:
        return Problem("/new", "guessable", "this password is too easy to guess")
    return None


def _matches(password_hash: str | None, password: str) -> bool:
    possible = len(password) <= LONGEST and _encodes(password)
    try:
        _HASHER.verify(password_hash or _hash_of_nobody(), password if possible else "")
    except (VerificationError, InvalidHashError):
        return False
    return possible and password_hash is not None


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))


def _encodes(text: str) -> bool:
    """Half a surrogate pair arrives from JSON escapes and has no bytes in UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
