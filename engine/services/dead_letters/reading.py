"""Looking at what waits, and dropping it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import dead_letters as rows
from crm_store.dead_letters import LetterCount as LetterCount
from crm_store.models import DeadLetter
from engine.errors import Conflict, NotFound, Problem
from engine.services.actor import Actor, allowed
from engine.services.audit import record

PAGE: Final = 50
STATES: Final = ("waiting", "replayed", "dropped")


@dataclass(frozen=True, slots=True)
class KnownLetter:
    """`body` is text to be read and mended, set out in lines where it is JSON."""

    id: int
    source: str
    door: str
    code: str
    message: str
    problems: tuple[Problem, ...]
    body: str
    cut: bool
    seen: int
    received_at: datetime
    last_seen_at: datetime
    state: str
    settled_at: datetime | None
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class LetterPage:
    """`next_before` leads to the page after; None on the last."""

    letters: tuple[KnownLetter, ...]
    next_before: int | None


async def list_letters(
    session: AsyncSession,
    actor: Actor,
    *,
    state: str = "waiting",
    source: str | None = None,
    code: str | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> LetterPage:
    """The newest first."""
    allowed(actor, "read", "hook")
    found = await rows.letters_page(
        session,
        state=state if state in STATES else "waiting",
        source=source,
        code=code,
        before=before,
        limit=limit + 1,
    )
    shown = tuple(known(one) for one in found[:limit])
    return LetterPage(shown, shown[-1].id if len(found) > limit else None)


async def read_letter(session: AsyncSession, actor: Actor, letter_id: int) -> KnownLetter:
    """Raises NotAllowed, NotFound."""
    allowed(actor, "read", "hook")
    found = await rows.letter(session, letter_id)
    if found is None:
        raise NotFound(f"There is no refused event {letter_id}.")
    return known(found)


async def latest_letter(session: AsyncSession, actor: Actor, source: str) -> KnownLetter | None:
    """What this source was refused last; a sample to mend its mapping with."""
    allowed(actor, "read", "hook")
    found = await rows.latest_of(session, source)
    return None if found is None else known(found)


async def count_letters(session: AsyncSession, actor: Actor) -> list[LetterCount]:
    """What waits, by source and reason, the most first."""
    allowed(actor, "read", "hook")
    return await rows.counts(session)


async def drop_letters(
    session: AsyncSession,
    actor: Actor,
    now: datetime,
    *,
    letter_id: int | None = None,
    source: str | None = None,
    code: str | None = None,
) -> int:
    """They wait no more: one, or all of a source and a reason. They can be read for a month."""
    allowed(actor, "edit", "hook")
    if letter_id is not None:
        count = await rows.settle(session, [letter_id], "dropped", actor.name, now)
    else:
        count = await rows.drop_matching(session, source, code, actor.name, now)
    if count:
        which = {"letter": letter_id} if letter_id is not None else {"source": source, "code": code}
        await record(session, actor, "drop", "dead_letter", letter_id or "many", after=which)
    return count


async def drop_letter(
    session: AsyncSession, actor: Actor, letter_id: int, now: datetime
) -> KnownLetter:
    """One that waits no more. Twice changes nothing. Raises NotAllowed, NotFound, and Conflict for
    one that was taken."""
    allowed(actor, "edit", "hook")
    row = await rows.letter_for_change(session, letter_id)
    if row is None:
        raise NotFound(f"There is no refused event {letter_id}.")
    if row.state == "replayed":
        raise Conflict(f"{row.settled_by} took it already; it is an event now.")
    await drop_letters(session, actor, now, letter_id=letter_id)
    await session.refresh(row)
    return known(row)


def known(row: DeadLetter) -> KnownLetter:
    problems = tuple(
        Problem(one["place"], one["code"], one["message"]) for one in row.problems or ()
    )
    return KnownLetter(
        row.id,
        row.source,
        row.door,
        row.code,
        row.message,
        problems,
        _shown(row.body),
        row.cut,
        row.seen,
        row.received_at,
        row.last_seen_at,
        row.state,
        row.settled_at,
        row.settled_by,
    )


def _shown(body: bytes) -> str:
    text = body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        document = json.loads(text)
        whole = json.dumps(document, indent=2, ensure_ascii=False)
        return whole if "\\ud" not in text else json.dumps(document, indent=2)
    except (ValueError, RecursionError):
        return text
