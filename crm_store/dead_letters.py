"""What was sent and could not be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import as_json
from crm_store.models import DeadLetter

WAITING: Final = "waiting"


@dataclass(frozen=True, slots=True)
class LetterCount:
    """How many wait, of one source for one reason."""

    source: str
    code: str
    count: int


async def keep_letters(
    session: AsyncSession, letters: Sequence[Mapping[str, Any]], now: datetime, most: int
) -> int:
    """Write letters down, and return how many are new. One that is there already was only seen
    once more, and waits again if it had been dropped. A source has at most about `most` waiting.

    Letters carry source, door, code, message, problems, message_id, body (base64), digest and cut.
    """
    found = await session.execute(
        text(
            """
            WITH incoming AS (
                SELECT * FROM jsonb_to_recordset(CAST(:letters AS jsonb)) AS r(
                    source text, door text, code text, message text, problems jsonb,
                    message_id text, body text, digest text, cut boolean, n int)
            ), full_ones AS (
                SELECT source FROM (SELECT DISTINCT source FROM incoming) given
                WHERE (SELECT count(*) FROM (
                    SELECT 1 FROM dead_letter d
                    WHERE d.source = given.source AND d.state = 'waiting' LIMIT :most) few) >= :most
            )
            INSERT INTO dead_letter (source, door, code, message, problems, message_id, body,
                                     digest, cut, received_at, last_seen_at)
            SELECT source, door, code, message, problems, message_id, decode(body, 'base64'),
                   digest, cut, :now, :now
            FROM incoming WHERE source NOT IN (SELECT source FROM full_ones) ORDER BY digest
            ON CONFLICT (source, digest) DO UPDATE SET
                seen = dead_letter.seen + 1, last_seen_at = :now, code = excluded.code,
                message = excluded.message, problems = excluded.problems,
                state = CASE WHEN dead_letter.state = 'dropped' THEN 'waiting'
                             ELSE dead_letter.state END
            RETURNING (xmax = 0)
            """
        ),
        {"letters": as_json(letters), "now": now, "most": most},
    )
    return sum(bool(row[0]) for row in found.all())


async def letters_page(
    session: AsyncSession,
    *,
    state: str,
    source: str | None = None,
    code: str | None = None,
    before: int | None = None,
    limit: int,
) -> Sequence[DeadLetter]:
    """The newest first; `before` is the id that the page before ended with."""
    where = [DeadLetter.state == state]
    if source is not None:
        where.append(DeadLetter.source == source)
    if code is not None:
        where.append(DeadLetter.code == code)
    if before is not None:
        where.append(DeadLetter.id < before)
    found = await session.execute(
        select(DeadLetter).where(and_(*where)).order_by(DeadLetter.id.desc()).limit(limit)
    )
    return found.scalars().all()


async def waiting_after(
    session: AsyncSession, source: str | None, code: str | None, after: int, limit: int
) -> Sequence[DeadLetter]:
    """Those to take again, the oldest first, so that what happened first is taken first."""
    where = [DeadLetter.state == WAITING, DeadLetter.id > after, DeadLetter.cut.is_(False)]
    if source is not None:
        where.append(DeadLetter.source == source)
    if code is not None:
        where.append(DeadLetter.code == code)
    found = await session.execute(
        select(DeadLetter).where(and_(*where)).order_by(DeadLetter.id).limit(limit)
    )
    return found.scalars().all()


async def letter(session: AsyncSession, letter_id: int) -> DeadLetter | None:
    return await session.get(DeadLetter, letter_id)


async def letter_for_change(session: AsyncSession, letter_id: int) -> DeadLetter | None:
    return await session.get(DeadLetter, letter_id, with_for_update=True)


async def count_waiting(session: AsyncSession, source: str | None, code: str | None) -> int:
    """Those that can be taken again as they are."""
    where = [DeadLetter.state == WAITING, DeadLetter.cut.is_(False)]
    if source is not None:
        where.append(DeadLetter.source == source)
    if code is not None:
        where.append(DeadLetter.code == code)
    found = await session.scalar(select(func.count()).select_from(DeadLetter).where(and_(*where)))
    return int(found or 0)


async def counts(session: AsyncSession) -> list[LetterCount]:
    found = await session.execute(
        select(DeadLetter.source, DeadLetter.code, func.count())
        .where(DeadLetter.state == WAITING)
        .group_by(DeadLetter.source, DeadLetter.code)
        .order_by(func.count().desc(), DeadLetter.source, DeadLetter.code)
        .limit(200)
    )
    return [LetterCount(source, code, count) for source, code, count in found.all()]


async def latest_of(session: AsyncSession, source: str) -> DeadLetter | None:
    found = await session.execute(
        select(DeadLetter)
        .where(DeadLetter.source == source, DeadLetter.state == WAITING)
        .order_by(DeadLetter.id.desc())
        .limit(1)
    )
    return found.scalar_one_or_none()


async def settle(
    session: AsyncSession, letter_ids: Sequence[int], state: str, by: str, now: datetime
) -> int:
    """How many were still waiting, and wait no more."""
    done = await session.execute(
        update(DeadLetter)
        .where(DeadLetter.id.in_(letter_ids), DeadLetter.state == WAITING)
        .values(state=state, settled_at=now, settled_by=by)
        .returning(DeadLetter.id)
    )
    return len(done.scalars().all())


async def drop_matching(
    session: AsyncSession, source: str | None, code: str | None, by: str, now: datetime
) -> int:
    where = [DeadLetter.state == WAITING]
    if source is not None:
        where.append(DeadLetter.source == source)
    if code is not None:
        where.append(DeadLetter.code == code)
    done = await session.execute(
        update(DeadLetter)
        .where(and_(*where))
        .values(state="dropped", settled_at=now, settled_by=by)
        .returning(DeadLetter.id)
    )
    return len(done.scalars().all())


async def tell_why(
    session: AsyncSession, letter_id: int, code: str, message: str, problems: Sequence[Any]
) -> None:
    """It was tried again, and this is what is wrong with it now."""
    await session.execute(
        update(DeadLetter)
        .where(DeadLetter.id == letter_id)
        .values(code=code, message=message, problems=list(problems))
    )


async def forget_letters(session: AsyncSession, settled: datetime, waiting: datetime) -> None:
    """Delete what was settled, or came, before."""
    await session.execute(
        delete(DeadLetter).where(
            ((DeadLetter.state != WAITING) & (DeadLetter.settled_at < settled))
            | (DeadLetter.last_seen_at < waiting)
        )
    )
