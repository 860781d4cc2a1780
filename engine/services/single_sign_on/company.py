"""Going to the company's sign-in and coming back, as somebody who was invited here.

Nobody gets an account by signing in there: an admin made it. The first time somebody comes they are
known by their address, which the issuer must have verified; from then on by the issuer's own name
for them, whatever becomes of the address.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from crm_store import people
from crm_store import single_sign_on as rows
from crm_store.session import Store
from engine.services.audit import record
from engine.services.invitations.tokens import hash_of, new_token
from engine.services.roles.acting import actor_of
from engine.services.single_sign_on.provider import NotLetIn, Provider
from engine.services.single_sign_on.tokens import Proven, UnknownKey, proven

AWAY_FOR: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where the browser goes, and what it keeps in a cookie until it comes back."""

    address: str
    browser: str

    def __repr__(self) -> str:
        return "Leaving()"


@dataclass(frozen=True, slots=True)
class Back:
    """Who came back, and where they wanted to go."""

    user_id: int
    onward: str


class Company:
    """One per process."""

    def __init__(self, store: Store, provider: Provider, now: Callable[[], datetime]) -> None:
        self._store = store
        self._provider = provider
        self._now = now

    @property
    def label(self) -> str:
        return self._provider.client.label

    async def leave(self, onward: str) -> Leaving:
        """Raises Unavailable, and NotLetIn for an issuer that is not the one of the settings."""
        state, nonce, browser = new_token(), new_token(), new_token()
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        address = await self._provider.leave_for(state, nonce, challenge)
        now = self._now()
        async with self._store.transaction() as session:
            await rows.forget_attempts(session, now)
            await rows.add_attempt(
                session,
                {
                    "state_hash": hash_of(state),
                    "browser_hash": hash_of(browser),
                    "nonce": nonce,
                    "verifier": verifier,
                    "onward": onward,
                    "expires_at": now + AWAY_FOR,
                },
            )
        return Leaving(address, browser)

    async def back(self, state: str, code: str, browser: str) -> Back:
        """Each state works once. Raises NotLetIn and Unavailable."""
        async with self._store.transaction() as session:
            attempt = await rows.take_attempt(session, hash_of(state), self._now())
        if attempt is None:
            raise NotLetIn("unknown_state")
        if not compare_digest(attempt.browser_hash, hash_of(browser)):
            raise NotLetIn("another_browser")
        token = await self._provider.id_token(code, attempt.verifier)
        who = await self._proven(token, attempt.nonce)
        return Back(await self._known(who), attempt.onward)

    async def _proven(self, token: str, nonce: str) -> Proven:
        try:
            return await self._checked(token, nonce, again=False)
        except UnknownKey:
            return await self._checked(token, nonce, again=True)

    async def _checked(self, token: str, nonce: str, *, again: bool) -> Proven:
        client = self._provider.client
        return proven(
            token,
            await self._provider.keys(again=again),
            issuer=client.issuer,
            client_id=client.client_id,
            nonce=nonce,
            algorithms=client.algorithms,
            now=self._now(),
        )

    async def _known(self, who: Proven) -> int:
        """The user. Raises NotLetIn for somebody nobody invited."""
        async with self._store.transaction() as session:
            user = await rows.user_called(session, who.name)
            if user is not None:
                if not user.active or user.service_account:
                    raise NotLetIn("deactivated")
                return user.id
            if who.email is None or not who.email.isprintable():
                raise NotLetIn("address_not_verified")
            user = await people.user_by_email(session, who.email)
            if user is None or not user.active or user.service_account:
                raise NotLetIn("not_invited")
            # of two who say they have one address the first stays, and the other is nobody
            if not await rows.link_user(session, user.id, who.name):
                raise NotLetIn("another_subject")
            own = await actor_of(session, user)
            await record(session, own, "link", "single_sign_on", user.id)
            return user.id
