"""A restored database does nothing by itself until a person has seen what it would do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import restore_hold as rows
from crm_store.restore_hold import HoldRow, WaitingRow
from crm_store.session import Store
from engine.errors import Conflict, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed

# How soon a worker notices that it may work.
LOOK_SECONDS: Final = 2.0
LONGEST: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Overdue:
    """What becomes of what fell due since the backup: `keep` does it now, `drop` does not, when it
    is overdue by more than `older_than`."""

    choice: Literal["keep", "drop"]
    older_than: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Held:
    """`waiting` is what would be done at once."""

    taken_at: datetime
    restored_at: datetime
    file_name: str
    waiting: tuple[WaitingRow, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """How much of each kind was not done."""

    dropped: Mapping[str, int]


async def is_held(session: AsyncSession) -> bool:
    """Whether nothing may be done by itself; for doors and drivers, so nobody is asked who they
    are."""
    return await rows.open_hold(session) is not None


async def held_back(
    session: AsyncSession, actor: Actor, now: datetime, *, older_than: timedelta = timedelta()
) -> Held | None:
    """The restore that nobody released, and what waits since longer than that. None when nothing
    is held. Raises NotAllowed."""
    allowed(actor, "read", "backup")
    hold = await rows.open_hold(session)
    if hold is None:
        return None
    waiting = await rows.waiting(session, now - older_than)
    return Held(hold.taken_at, hold.restored_at, hold.file_name, tuple(waiting))


async def release_hold(
    session: AsyncSession, actor: Actor, overdue: Overdue, now: datetime
) -> Released:
    """Let the workers begin. What is dropped stands among the held runs, so that people can still
    let it go on. Raises NotAllowed, Refused, and Conflict when nothing is held."""
    allowed(actor, "manage", "backup")
    if not timedelta() <= overdue.older_than <= LONGEST:
        problem = Problem("/older_than", "out_of_range", "choose between nothing and ten years")
        raise Refused("Nothing was released.", [problem])
    hold: HoldRow | None = await rows.open_hold(session, lock=True)
    if hold is None:
        raise Conflict("Nothing is held back: somebody released it already.")
    dropped: Mapping[str, int] = {}
    if overdue.choice == "drop":
        dropped = await rows.drop_overdue(session, now - overdue.older_than, now)
    choice = {
        "overdue": overdue.choice,
        "older_than_seconds": int(overdue.older_than.total_seconds()),
        "dropped": dict(dropped),
    }
    await rows.release(session, hold.id, actor.name, choice, now)
    await audit.record(session, actor, "release", "restore", hold.id, None, choice)
    return Released(dropped)


async def until_released(store: Store, stop: asyncio.Event) -> bool:
    """Wait as long as the database is held; whether it was. Returns early when told to stop."""
    waited = False
    while not stop.is_set():
        async with store.transaction() as session:
            if not await is_held(session):
                return waited
        waited = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
    return waited
