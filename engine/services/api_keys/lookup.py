"""Whose a key is: asked by every request, remembered for two seconds."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crm_store import api_keys as rows
from crm_store.session import Store
from engine.errors import NotSignedIn
from engine.services.actor import Actor
from engine.services.api_keys.scopes import permissions_of
from engine.services.api_keys.spelling import Spelled, read_key, same, shown
from engine.services.roles.acting import actor_of

# How long a key may still be accepted after it, its user or their role has changed.
REMEMBERED_FOR: Final = timedelta(seconds=2)
MOST_REMEMBERED: Final = 10_000
# Strangers with made-up keys leave the database's other connections to everybody else.
LOOK_UPS_AT_A_TIME: Final = 4
_UNKNOWN: Final = (
    "The API key is unknown, expired or revoked. `cadenza key list` shows all keys and "
    "`cadenza key create --for-user` makes one."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls with a key. `key_id` stays the same when the key is rotated."""

    actor: Actor
    key_id: int
    language: str


class ApiKeys:
    """One per process."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._seen: OrderedDict[str, tuple[datetime, Caller | None]] = OrderedDict()
        self._places = asyncio.Semaphore(LOOK_UPS_AT_A_TIME)

    async def caller(self, text: str) -> Caller:
        """Raises NotSignedIn, in the same words whatever is wrong with the key."""
        key = read_key(text)
        if key is None:
            raise NotSignedIn(_UNKNOWN)
        # what is remembered is found by a hash, so that memory holds no secret
        name, now = hashlib.sha256(text.encode()).hexdigest(), self._now()
        seen = self._remembered(name, now)
        if seen is None:
            async with self._places:
                # somebody before us in line may have asked for the same key
                seen = self._remembered(name, now)
                if seen is None:
                    seen = (now, await self._look_up(key, now))
                    self._remember(name, seen)
        if seen[1] is None:
            raise NotSignedIn(_UNKNOWN)
        return seen[1]

    def _remembered(self, name: str, now: datetime) -> tuple[datetime, Caller | None] | None:
        seen = self._seen.get(name)
        return seen if seen and timedelta(0) <= now - seen[0] < REMEMBERED_FOR else None

    async def _look_up(self, key: Spelled, now: datetime) -> Caller | None:
        async with self._store.transaction() as session:
            found = await rows.api_key_with_user(session, key.prefix, now)
            row = found[0] if found else None
            previous = row.previous_hash if row and _still(row.previous_until, now) else None
            # both, so that the time taken tells nothing
            is_current = same(key.secret, row.secret_hash if row else None)
            is_previous = same(key.secret, previous)
            if found is None or not (is_current or is_previous):
                return None
            used: rows.Used = "last_used_at" if is_current else "previous_used_at"
            await rows.note_use(session, found[0].id, used, now)
            key_row, user = found
            name = f"{user.name} (API key {key_row.name}, {shown(key_row.prefix)})"
            actor = await actor_of(session, user, name=name, scopes=permissions_of(key_row.scopes))
        return Caller(actor, key_row.id, user.language)

    def _remember(self, name: str, seen: tuple[datetime, Caller | None]) -> None:
        self._seen[name] = seen
        self._seen.move_to_end(name)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


def _still(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until
