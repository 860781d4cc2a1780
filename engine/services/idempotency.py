"""One effect for a request that is sent several times with the same Idempotency-Key.

The answer is kept in the transaction of the effect: either both are there afterwards or neither is,
whatever is killed in between. Only what succeeded is remembered; a refusal has changed nothing, so
the same key may be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import idempotency as rows
from crm_store.session import Store
from engine.errors import Conflict, Problem, Refused

REMEMBERED_FOR: Final = timedelta(hours=24)
LONGEST_KEY: Final = 255
# Longer than any request may take: whoever claimed a key and is silent so long is gone.
CLAIMED_FOR: Final = timedelta(seconds=60)
_UNTIL: Final = "in_flight_until"

Answer = dict[str, Any]
_BUSY: Final = "The same request is being worked on. Send it again in a moment; it has one effect."


class InFlight(Conflict):
    """Another request with the same key is being worked on at this moment."""

    code = "request_in_flight"
    retryable = True


class KeyReused(Refused):
    """The key belongs to a request that said something else."""

    code = "idempotency_key_reused"


def fingerprint(*parts: bytes) -> str:
    """What makes two requests the same; each part counts on its own."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def readable_key(key: str) -> str:
    """The key, when it is one: up to 255 visible ASCII characters. Raises Refused."""
    if 0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    problem = Problem(
        "Idempotency-Key", "bad_key", f"send 1 to {LONGEST_KEY} visible ASCII characters"
    )
    raise Refused("The Idempotency-Key cannot be used.", [problem])


async def once(
    store: Store,
    actor: str,
    key: str,
    print_: str,
    now: datetime,
    effect: Callable[[AsyncSession], Awaitable[Answer]],
) -> tuple[Answer, bool]:
    """The answer of `effect`, and whether it is one from before.

    `effect` runs in one transaction with the keeping of its answer, a JSON document. Raises
    InFlight and KeyReused, and whatever `effect` raises.
    """
    since = now - REMEMBERED_FOR
    async with store.transaction() as session:
        if not await rows.take_turn(session, actor, key):
            raise InFlight(_BUSY)
        found = await rows.remembered(session, actor, key, since)
        if found is not None:
            _refuse_another(found[0], print_)
            return found[1], True
        answer = await effect(session)
        row = {"actor": actor, "key": key, "fingerprint": print_, "answer": answer, "at": now}
        await rows.remember(session, row, since=since)
    return answer, False


async def claim(store: Store, actor: str, key: str, print_: str, now: datetime) -> Answer | None:
    """The answer from before, or None: then the key is the caller's until `keep` or `give_up`.

    For effects that can be repeated: a caller that dies in between frees the key after a minute.
    Raises InFlight and KeyReused.
    """
    since = now - REMEMBERED_FOR
    async with store.transaction() as session:
        if not await rows.take_turn(session, actor, key):
            raise InFlight(_BUSY)
        found = await rows.remembered(session, actor, key, since)
        if found is not None:
            until = found[1].get(_UNTIL)
            if until is None:
                _refuse_another(found[0], print_)
                return found[1]
            if datetime.fromisoformat(until) > now:
                _refuse_another(found[0], print_)
                raise InFlight(_BUSY)
        claimed = {_UNTIL: (now + CLAIMED_FOR).isoformat()}
        row = {"actor": actor, "key": key, "fingerprint": print_, "answer": claimed, "at": now}
        await rows.remember(session, row, since=since)
    return None


async def keep(store: Store, actor: str, key: str, answer: Answer, now: datetime) -> None:
    """What was answered to the request that claimed the key."""
    async with store.transaction() as session:
        await rows.answer_claim(session, actor, key, answer, now)


async def give_up(store: Store, actor: str, key: str) -> None:
    """The claim is void, and the key as if it had never been sent."""
    async with store.transaction() as session:
        await rows.forget(session, actor, key)


def _refuse_another(kept: str, given: str) -> None:
    if kept != given:
        problem = Problem(
            "Idempotency-Key", "reused", "this key was used for another request; take a new one"
        )
        raise KeyReused("Nothing was changed: the Idempotency-Key is taken.", [problem])
