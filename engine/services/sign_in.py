"""Signing in and staying signed in.

The cookie carries 256 random bits; the database keeps their SHA-256, so that reading the table
signs nobody in. A sign-in ends by itself without activity, and at once when its user's password or
role changes (`credential_epoch`) or the user is deactivated. With a second factor the password
gives a token of its own, which lasts minutes and opens nothing but the question for the code.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crm_store import one_time_links, sessions
from crm_store import people as rows
from crm_store.base import folded
from crm_store.models import User
from crm_store.session import Store
from engine.errors import LimitReached, NotSignedIn, Problem, Refused
from engine.services.actor import Actor
from engine.services.audit import record
from engine.services.audit_log.failed_sign_ins import FailedSignIns, Failure
from engine.services.invitations.tokens import hash_of as _hash
from engine.services.invitations.tokens import new_token
from engine.services.passwords import hashed, matches, weakness
from engine.services.roles.acting import actor_of
from engine.services.second_factor.keeping import is_right
from engine.services.secrets import SecretBox
from engine.services.throttle import Attempt, Throttle, neighbourhood

COOKIE: Final = "cadenza_session"
# How long another process may not notice that a sign-in ended; every page and click asks.
SEEN_FOR: Final = timedelta(seconds=2)
PROLONG_AFTER: Final = timedelta(minutes=5)
MOST_REMEMBERED: Final = 10_000
# Hashes of 64 MiB under way at the same time, and how many may stand in line for them.
HASHES_AT_A_TIME: Final = 2
LONGEST_LINE: Final = 50
LONGEST_EMAIL: Final = 254
LONGEST_DEVICE: Final = 200
# How long somebody may look for their telephone, and how often they may mistype a code.
HALF_SIGNED_IN_FOR: Final = timedelta(minutes=5)
TRIES_AT_A_CODE: Final = 5
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


class SecondFactorNeeded(NotSignedIn):
    """The password was right. `half` and a code finish the sign-in."""

    code = "second_factor_needed"

    def __init__(self, half: str) -> None:
        super().__init__("Enter the code that your app shows now.")
        self.half = half


@dataclass(frozen=True, slots=True)
class Came:
    """From where and with what a browser came. `means` is how its person proved who they are."""

    address: str = ""
    device: str = ""
    means: str = "password"


class SignIns:
    """One per process: keeps the throttles and remembers, for seconds, whose a token is."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        *,
        lifetime: timedelta = timedelta(hours=336),
        throttle: Throttle | None = None,
        secrets: SecretBox | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._now = now
        self._lifetime = lifetime
        self._throttle = throttle or Throttle()
        self._secrets = secrets or SecretBox()
        self._pause = pause
        self.failures = FailedSignIns()
        # Whoever serves the pages sees to it that they are written.
        self.on_failure: Callable[[], None] = _nobody_writes
        self._seen: OrderedDict[str, tuple[datetime, SignedIn | None]] = OrderedDict()
        self._hashing = asyncio.Semaphore(HASHES_AT_A_TIME)
        self._in_line = 0

    async def sign_in(self, email: str, password: str, address: str, device: str = "") -> SignedIn:
        """`address` is the network address the attempt came from, `device` what the browser calls
        itself.

        Raises NotSignedIn, the same for a wrong password, an unknown and a deactivated user;
        SecondFactorNeeded when the password was right; and LimitReached. No transaction is open
        while the password is checked.
        """
        account = folded(email)[:LONGEST_EMAIL]
        with self._attempt(account, address, typed=account) as attempt:
            if attempt.delay:
                await self._pause(attempt.delay.total_seconds())
            known = await self._active_user(email)
            right = await self._matches(known.password_hash if known else None, password)
            if known is None:
                self.failed("unknown_account", address, typed=account)
            elif not right:
                self.failed("wrong_password", address, user_id=known.id)
            if known is None or not right:
                raise NotSignedIn(_WRONG)
            attempt.succeeded()
        if known.totp_sealed is not None:
            raise SecondFactorNeeded(await self._half(known))
        return await self._begin(known, Came(address, device))

    async def finish(self, half: str, code: str, address: str, device: str = "") -> SignedIn:
        """The second half of a sign-in: a code, or a recovery code. Raises NotSignedIn, with a
        `SecondFactorNeeded` while it may be tried again, and LimitReached."""
        key = _hash(half)
        async with self._store.transaction() as session:
            found = await one_time_links.link_behind(session, key, ["second_factor"], self._now())
        if found is None:
            raise NotSignedIn("That took too long. Sign in again.")
        user_id = found[1].id
        # only who has the password comes here, so whoever guesses is kept out for a while
        with self._attempt(f"code:{user_id}", address, user_id=user_id) as attempt:
            user = await self._checked_code(key, code)
            if user is None:
                self.failed("wrong_code", address, user_id=user_id)
                raise SecondFactorNeeded(half)
            attempt.succeeded()
        return await self._begin(user, Came(address, device, "second_factor"))

    async def begin_for(self, user_id: int, came: Came) -> SignedIn:
        """Sign in somebody who proved in another way who they are."""
        return await self._begin(await self._user(user_id), came)

    def failed(
        self, how: Failure, address: str, *, user_id: int | None = None, typed: str = ""
    ) -> None:
        """Somebody failed to sign in: counted for the audit, where `write_failures` writes it."""
        self.failures.count(how, neighbourhood(address) or "unknown", user_id=user_id, typed=typed)
        self.on_failure()

    async def write_failures(self) -> int:
        """How many rows of the audit were due and are written."""
        return await self.failures.write(self._store)

    async def over(self, tokens: Collection[str]) -> frozenset[str]:
        """Those of the tokens whose sign-ins have ended, asked of the database now."""
        by_hash = {_hash(one): one for one in tokens}
        async with self._store.transaction() as session:
            lasting = await sessions.still_lasting(session, by_hash.keys(), self._now())
        ended = by_hash.keys() - lasting
        for key in ended:
            self._seen.pop(key, None)
        return frozenset(by_hash[key] for key in ended)

    @property
    def guesses(self) -> Throttle:
        """How often one may be wrong, for whatever else asks for a code."""
        return self._throttle

    def look_again(self) -> None:
        """Ask the database at the next call: something about sign-ins was changed just now."""
        self._seen.clear()

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
        self, token: str, current: str, new: str, address: str = "", device: str = ""
    ) -> SignedIn:
        """A fresh sign-in; every other one of this person ends.

        Raises Refused with the reason, NotSignedIn when the token is over, LimitReached when the
        current password was guessed too often.
        """
        found = await self.who(token)
        if found is None or found.actor.id is None:
            raise NotSignedIn("The sign-in is over. Sign in again.")
        user = await self._user(found.actor.id)
        with self._attempt(f"change:{user.id}", address, user_id=user.id) as attempt:
            if not await self._matches(user.password_hash, current):
                self.failed("wrong_present_password", address, user_id=user.id)
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
        return await self._begin(await self._user(user.id), Came(address, device))

    @contextmanager
    def _attempt(
        self, account: str, address: str, *, user_id: int | None = None, typed: str = ""
    ) -> Iterator[Attempt]:
        """A try that the throttle lets through; the one it refuses is a failure too. Where the user
        is known they have proved half of it: then it refuses firmly."""
        with ExitStack() as held:
            try:
                throttled = self._throttle.attempt(account, address, firmly=user_id is not None)
                attempt = held.enter_context(throttled)
            except LimitReached:
                self.failed("too_many", address, user_id=user_id, typed=typed)
                raise
            yield attempt

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
        values = {"password_hash": password_hash, "password_is_one_time": False}
        async with self._store.transaction() as session:
            # a new password that somebody was given meanwhile stays the one that counts
            if not await rows.change_credentials(
                session, user.id, values, as_of=user.credential_epoch
            ):
                raise NotSignedIn("The sign-in is over. Sign in again.")
            await record(session, actor, "change_password", "user", user.id)

    async def _user(self, user_id: int) -> User:
        async with self._store.transaction() as session:
            user = await rows.user_by_id(session, user_id)
        if user is None or not user.active:
            raise NotSignedIn("The sign-in is over. Sign in again.")
        return user

    async def _half(self, user: User) -> str:
        token, now = new_token(), self._now()
        row = {
            "token_hash": _hash(token),
            "purpose": "second_factor",
            "user_id": user.id,
            "credential_epoch": user.credential_epoch,
            "details": {"tries": 0},
            "created_at": now,
            "expires_at": now + HALF_SIGNED_IN_FOR,
        }
        async with self._store.transaction() as session:
            await one_time_links.forget_old_links(session, now - timedelta(days=30))
            await one_time_links.add_link(session, row)
        return token

    async def _checked_code(self, key: str, code: str) -> User | None:
        """The user when the code is right. What was tried is counted, whatever comes of it."""
        now = self._now()
        async with self._store.transaction() as session:
            found = await one_time_links.link_behind(
                session, key, ["second_factor"], now, hold=True
            )
            if found is None:
                raise NotSignedIn("That took too long. Sign in again.")
            link, user = found
            right = await is_right(session, user, self._secrets, code, now)
            tries = int((link.details or {}).get("tries", 0)) + 1
            if right or tries >= TRIES_AT_A_CODE:
                await one_time_links.use_link(session, key, now)
            else:
                link.details = {"tries": tries}
        return user if right else None

    async def _begin(self, user: User, came: Came) -> SignedIn:
        token = new_token()
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
                    "address": came.address[:64] or None,
                    "device": _plain(came.device) or None,
                    "means": came.means,
                },
            )
            actor = await actor_of(session, user)
            came_by = {"means": came.means}
            await record(session, actor, "sign_in", "user", user.id, after=came_by)
        return _signed_in(token, user, actor, expires_at)

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
            actor = await actor_of(session, user)
        return _signed_in(token, user, actor, expires_at)

    def _remember(self, key: str, now: datetime, found: SignedIn | None) -> None:
        self._seen[key] = (now, found)
        self._seen.move_to_end(key)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


def _nobody_writes() -> None:
    """Failures wait in memory."""


def _signed_in(token: str, user: User, actor: Actor, expires_at: datetime) -> SignedIn:
    return SignedIn(token, actor, user.language, user.password_is_one_time, expires_at)


def _plain(device: str) -> str:
    """What a browser calls itself is what anybody wrote there."""
    return "".join(one if one.isprintable() else " " for one in device)[:LONGEST_DEVICE].strip()
