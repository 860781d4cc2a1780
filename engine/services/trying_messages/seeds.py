"""The seed list: addresses of our own, at several providers, that get proofs of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import seeds as rows
from engine.channels.address import is_address
from engine.errors import LimitReached, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record

# Each gets a mail whenever a proof is sent.
MOST_SEEDS: Final = 50
LONGEST_NOTE: Final = 100


@dataclass(frozen=True, slots=True)
class Seed:
    address: str
    note: str
    added_at: datetime
    added_by: str


async def list_seeds(session: AsyncSession, actor: Actor) -> list[Seed]:
    allowed(actor, "read", "message")
    found = await rows.seeds(session)
    return [Seed(one.address, one.note, one.added_at, one.added_by) for one in found]


async def add_seed(
    session: AsyncSession, actor: Actor, address: str, note: str, now: datetime
) -> bool:
    """Whether it is new; one that is there gets the note. Raises Refused and LimitReached."""
    allowed(actor, "manage", "message")
    address, note = address.strip(), note.strip()
    problems = []
    if not is_address(address):
        message = "is no address such as proofs@example.com"
        problems.append(Problem("/address", "bad_address", message))
    if len(note) > LONGEST_NOTE or not note.isprintable():
        message = f"write at most {LONGEST_NOTE} characters in one line"
        problems.append(Problem("/note", "bad_note", message))
    if problems:
        raise Refused("The address was not put on the seed list.", problems)
    known = await rows.seeds(session)
    if len(known) >= MOST_SEEDS and not await rows.seeds_among(session, [address]):
        raise LimitReached(f"The seed list has {MOST_SEEDS} addresses, the most. Remove one first.")
    fresh = await rows.put_seed(session, address, note, actor.name, now)
    await record(session, actor, "add", "seed", address, after={"note": note})
    return fresh


async def remove_seed(session: AsyncSession, actor: Actor, address: str) -> None:
    """Raises NotFound."""
    allowed(actor, "manage", "message")
    if not await rows.delete_seed(session, address):
        raise NotFound(f'"{address[:200]}" is not on the seed list. `cadenza seed list` shows it.')
    await record(session, actor, "remove", "seed", address)
