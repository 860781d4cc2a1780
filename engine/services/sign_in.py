"""Signing in and staying signed in.

The cookie carries 256 random bits; the database keeps their SHA-256, so that reading the table
signs nobody in. A sign-in ends by itself without activity, and at once when its user's password or
role changes (`credential_epoch`) or the user is deactivated.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crm_store import people as rows
from crm_store.base import folded
from crm_store.models import User
from crm_store.session import Store
from engine.errors import LimitReached, NotSignedIn, Problem, Refused
from engine.services.actor import Actor
from engine.services.audit import record
from engine.services.passwords import hashed, matches, weakness
from engine.services.throttle import Throttle

COOKIE: Final = "cadenza_session"
# How long another process may not notice that a sign-in ended; every page and click asks.
SEEN_FOR: Final = timedelta(seconds=2)
PROLONG_AFTER: Final = timedelta(minutes=5)
MOST_REMEMBERED: Final = 10_000
# Hashes of 64 MiB under way at the same time, and how many may stand in line for them.
HASHES_AT_A_TIME: Final = 2
LONGEST_LINE: Final = 50
LONGEST_EMAIL: Final = 254
_WRONG: Final = "The e-mail address or the password is wrong."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at a door. `token` goes into the cookie and nowhere else."""

    token: str
    actor: Actor
    language: str
    must_change_password: bool
    expires_at: datetime

    def __repr__(self) -> str:
        return f"SignedIn(actor={self.actor!r}, expires_at={self.expires_at!r})"


class SignIns:
    """One per process: keeps the throttles and remembers, for seconds, whose a token is."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        *,
        lifetime: timedelta = timedelta(hours=336),
        throttle: Throttle | None = None,
    ) -> None:
        self._store = store
        self._now = now
        self._lifetime = lifetime
        self._throttle = throttle or Throttle()
        self._seen: OrderedDict[str, tuple[datetime, SignedIn | None]] = OrderedDict()
        self._hashing = asyncio.Semaphore(HASHES_AT_A_TIME)
        self._in_line = 0

    async def sign_in(self, email: str, password: str, address: str) -> SignedIn:
        """`address` is the network address the attempt came from.

        Raises NotSignedIn, the same for a wrong password, an unknown and a deactivated user; and
        LimitReached. No transaction is open while the password is checked.
        """
        with self._throttle.attempt(folded(email)[:LONGEST_EMAIL], address) as attempt:
            known = await self._active_user(email)
            right = await self._matches(known.password_hash if known else None, password)
            if known is None or not right:
                raise NotSignedIn(_WRONG)
            attempt.succeeded()
        return await self._begin(known)

    async def who(self, token: str) -> SignedIn | None:
        """The person behind a token; None when the sign-in is unknown or over."""
        key, now = _hash(token), self._now()
        seen = self._seen.get(key)
        if seen is not None and timedelta(0) <= now - seen[0] < SEEN_FOR:
            return seen[1]
        found = await self._look_up(token, key, now)
        self._remember(key, now, found)
        return found

    async def actor_of(self, token: str) -> Actor | None:
        found = await self.who(token)
        return None if found is None else found.actor

    async def sign_out(self, token: str) -> None:
        """Twice changes nothing."""
        key = _hash(token)
        self._seen.pop(key, None)
        async with self._store.transaction() as session:
            await rows.end_sign_in(session, key)

    async def change_password(
        self, token: str, current: str, new: str, address: str = ""
    ) -> SignedIn:
        """A fresh sign-in; every other one of this person ends.

        Raises Refused with the reason, NotSignedIn when the token is over, LimitReached when the
        current password was guessed too often.
        """
        found = await self.who(token)
        if found is None or found.actor.id is None:
            raise NotSignedIn("The sign-in is over. Sign in again.")
        user = await self._user(found.actor.id)
        with self._throttle.attempt(f"change:{user.id}", address) as attempt:
            if not await self._matches(user.password_hash, current):
                raise Refused(
                    "The password was not changed.",
                    [Problem("/current", "wrong", "this is not the current password")],
                )
            attempt.succeeded()
        reason = weakness(new, current=current, email=user.email, name=user.name)
        if reason is not None:
            raise Refused("The password was not changed.", [reason])
        await self._store_password(user, found.actor, await hashed(new))
        self._seen.pop(_hash(token), None)
        return await self._begin(await self._user(user.id))

    async def _active_user(self, email: str) -> User | None:
        email = email.strip()
        # No address holds a control character or half a surrogate pair, and no query could.
        if not email.isprintable() or len(email) > LONGEST_EMAIL:
            return None
        async with self._store.transaction() as session:
            user = await rows.user_by_email(session, email)
        return user if user is not None and user.active else None

    async def _matches(self, password_hash: str | None, password: str) -> bool:
        if self._in_line >= LONGEST_LINE:
            raise LimitReached(
                "Too many people are signing in. Try again in a moment.", timedelta(seconds=10)
            )
        self._in_line += 1
        try:
            async with self._hashing:
                return await matches(password_hash, password)
        finally:
            self._in_line -= 1

    async def _store_password(self, user: User, actor: Actor, password_hash: str) -> None:
        async with self._store.transaction() as session:
            await rows.change_user(
                session,
                user.id,
                {
                    "password_hash": password_hash,
                    "password_is_one_time": False,
                    "credential_epoch": user.credential_epoch + 1,
                },
            )
            await rows.end_sign_ins_of(session, user.id)
            await record(session, actor, "change_password", "user", user.id)

    async def _user(self, user_id: int) -> User:
        async with self._store.transaction() as session:
            user = await rows.user_by_id(session, user_id)
        if user is None or not user.active:
            raise NotSignedIn("The sign-in is over. Sign in again.")
        return user

    async def _begin(self, user: User) -> SignedIn:
        token = secrets.token_urlsafe(32)
        now = self._now()
        expires_at = now + self._lifetime
        async with self._store.transaction() as session:
            await rows.forget_expired_sign_ins(session, now)
            await rows.add_sign_in(
                session,
                {
                    "token_hash": _hash(token),
                    "user_id": user.id,
                    "credential_epoch": user.credential_epoch,
                    "created_at": now,
                    "last_seen_at": now,
                    "expires_at": expires_at,
                },
            )
        return _signed_in(token, user, expires_at)

    async def _look_up(self, token: str, key: str, now: datetime) -> SignedIn | None:
        async with self._store.transaction() as session:
            found = await rows.signed_in(session, key, now)
            if found is None:
                return None
            sign_in, user = found
            expires_at = sign_in.expires_at
            if now - sign_in.last_seen_at >= PROLONG_AFTER:
                expires_at = now + self._lifetime
                await rows.prolong_sign_in(session, key, now, expires_at)
        return _signed_in(token, user, expires_at)

    def _remember(self, key: str, now: datetime, found: SignedIn | None) -> None:
        self._seen[key] = (now, found)
        self._seen.move_to_end(key)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


def _signed_in(token: str, user: User, expires_at: datetime) -> SignedIn:
    actor = Actor("user", user.id, user.name, user.role)
    return SignedIn(token, actor, user.language, user.password_is_one_time, expires_at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
