"""Keys with which other systems report events: made, revoked and looked up.

A key is shown once, when it is made; the database keeps its SHA-256. It is long and random, so a
fast hash is enough, and every request can afford it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import people as rows
from crm_store.session import Store
from crm_store.write_keys import key_behind
from engine.errors import Conflict, NotFound, NotSignedIn, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record

PREFIX: Final = "cwk_"
SHOWN: Final = 10
# How long a key may still be accepted after it was revoked.
REMEMBERED_FOR: Final = timedelta(seconds=5)
MOST_REMEMBERED: Final = 1_000
# Events of this source are believed when they say what they followed from.
OURS: Final = "cadenza"
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class NewWriteKey:
    """`key` is the secret, shown this once."""

    source: str
    key: str


@dataclass(frozen=True, slots=True)
class KnownWriteKey:
    """`prefix` is the beginning of the key, enough to tell keys apart."""

    source: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    may_merge: bool = False


class SourceKey(NamedTuple):
    """What a valid key stands for. One that `may_merge` is kept on servers: its alias calls make
    two contacts one."""

    source: str
    may_merge: bool


async def create_write_key(
    session: AsyncSession, actor: Actor, source: str, *, may_merge: bool = False
) -> NewWriteKey:
    """A key for a source. A source whose key was revoked gets a new one in its place."""
    allowed(actor, "manage", "write_key")
    if not _SOURCE.fullmatch(source) or source == OURS:
        raise Refused(
            "The key was not made.",
            [
                Problem(
                    "/source",
                    "bad_name",
                    "name the source with up to 64 small letters, digits, dots, dashes or _; "
                    f'"{OURS}" is what Cadenza itself reports',
                )
            ],
        )
    key = PREFIX + secrets.token_urlsafe(24)
    values = {"prefix": key[:SHOWN], "key_hash": _hash(key), "may_merge": may_merge}
    key_id = await rows.add_write_key(session, {"source": source, **values})
    if key_id is None:
        existing = await rows.write_key_of(session, source)
        if existing is None or existing.revoked_at is None:
            raise Conflict(f'The source "{source}" has a key. Revoke it first.')
        key_id = existing.id
        await rows.change_write_key(
            session, key_id, {**values, "revoked_at": None, "last_used_at": None}
        )
    after = {"source": source, "may_merge": may_merge}
    await record(session, actor, "create", "write_key", key_id, after=after)
    return NewWriteKey(source, key)


async def revoke_write_key(session: AsyncSession, actor: Actor, source: str, now: datetime) -> None:
    """The key is refused from now on, elsewhere within seconds. Twice changes nothing."""
    allowed(actor, "manage", "write_key")
    existing = await rows.write_key_of(session, source)
    if existing is None:
        raise NotFound(f'There is no write key for a source "{source}".')
    if existing.revoked_at is None:
        await rows.change_write_key(session, existing.id, {"revoked_at": now})
        await record(session, actor, "revoke", "write_key", existing.id, after={"source": source})


async def list_write_keys(session: AsyncSession, actor: Actor) -> list[KnownWriteKey]:
    allowed(actor, "read", "write_key")
    return [
        KnownWriteKey(
            row.source,
            row.prefix,
            row.created_at,
            row.revoked_at,
            row.last_used_at,
            row.may_merge,
        )
        for row in await rows.write_keys(session)
    ]


class WriteKeys:
    """Looks keys up for the doors, one per process; remembers good and bad ones for seconds."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._seen: OrderedDict[str, tuple[datetime, SourceKey | None]] = OrderedDict()

    async def source_of(self, key: str) -> str:
        """The source that a key stands for; raises NotSignedIn when it stands for none."""
        return (await self.known(key)).source

    async def known(self, key: str) -> SourceKey:
        """What a key stands for; raises NotSignedIn when it stands for nothing."""
        key_hash, now = _hash(key), self._now()
        seen = self._seen.get(key_hash)
        if seen is None or not timedelta(0) <= now - seen[0] < REMEMBERED_FOR:
            async with self._store.transaction() as session:
                found = await key_behind(session, key_hash)
            seen = (now, None if found is None else SourceKey(*found))
            self._remember(key_hash, seen)
        if seen[1] is None:
            raise NotSignedIn(
                "The write key is unknown or revoked. `cadenza key create` makes one."
            )
        return seen[1]

    def _remember(self, key_hash: str, seen: tuple[datetime, SourceKey | None]) -> None:
        self._seen[key_hash] = seen
        self._seen.move_to_end(key_hash)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
