"""Segments as rows: which there are, which are due, and what a look at them found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import CustomField, Segment, SegmentKind, SegmentState
from crm_store.rowset import rowset

# Moments that are as good as the same: flips of a busy segment are told so often and no oftener.
_ABOUT: Final = timedelta(seconds=1)
_WRITE_LOOK: Final = """
    UPDATE segment SET counted_at = :as_of, took_ms = :took_ms, state = :kept,
        rests_until = CAST(:rests_until AS timestamptz),
        due_at = CASE
            WHEN asked <> :asked THEN due_at
            WHEN flips_at IS NULL THEN CAST(:next_due AS timestamptz)
            ELSE least(CAST(:next_due AS timestamptz),
                       greatest(flips_at, CAST(:rests_until AS timestamptz)))
        END,
        answered = CASE WHEN :everybody THEN :asked ELSE answered END,
        recounted_at = CASE WHEN :everybody THEN :as_of ELSE recounted_at END,
        fill = CASE WHEN :everybody THEN NULL ELSE fill END
    WHERE id = :id AND revision = :revision RETURNING id
"""
# "segments"
_SHELF_LOCK: Final = 0x7365676D656E7473


@dataclass(frozen=True, slots=True)
class ShelfMark:
    """Changes with every edit, creation and deletion of a segment or custom field, so that whoever
    remembers rules knows whether they are still right.

    `counted_at` is the latest moment that members of any segment are right for.
    """

    count: int
    revisions: int
    newest: int
    custom_fields: int
    counted_at: datetime | None

    def is_same_shelf(self, other: ShelfMark) -> bool:
        return replace(self, counted_at=None) == replace(other, counted_at=None)


@dataclass(frozen=True, slots=True)
class SavedSegment:
    """What deciding about members needs."""

    id: int
    name: str
    kind: str
    rule: Any | None


@dataclass(frozen=True, slots=True)
class DueSegment:
    """One to look at: what is asked, and since when its members are known."""

    id: int
    name: str
    kind: str
    rule: Any | None
    fill: Any | None
    revision: int
    asked: int
    answered: int
    counted_at: datetime | None
    recounted_at: datetime | None
    due_at: datetime


async def hold_shelf(session: AsyncSession) -> None:
    """Nobody else makes, edits or deletes segments until this transaction ends: two edits at once
    could take one name, or make a segment of itself."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SHELF_LOCK})


async def shelf_mark(session: AsyncSession) -> ShelfMark:
    """One small query; asked at the start of each batch."""
    found = await session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Segment.revision), 0),
            func.coalesce(func.max(Segment.id), 0),
            select(func.count()).select_from(CustomField).scalar_subquery(),
            func.max(Segment.counted_at),
        )
    )
    return ShelfMark(*found.one())


async def saved_segments(session: AsyncSession) -> list[SavedSegment]:
    found = await session.execute(
        select(Segment.id, Segment.name, Segment.kind, Segment.rule).order_by(Segment.id)
    )
    return [SavedSegment(*row) for row in found]


async def segment_named(session: AsyncSession, name: str, *, lock: bool = False) -> Segment | None:
    wanted = select(Segment).where(Segment.name == name)
    # not FOR UPDATE, which would stop everybody who writes a member (it refers to its segment)
    return await session.scalar(wanted.with_for_update(key_share=True) if lock else wanted)


async def all_segments(session: AsyncSession) -> list[Segment]:
    return list(await session.scalars(select(Segment).order_by(Segment.name)))


async def next_due_segment(session: AsyncSession, now: datetime) -> DueSegment | None:
    """The one that has been due for longest; None when nobody is due.

    A look at it begins: what events bring from now on is for the look after that.
    """
    found = await session.execute(
        select(
            Segment.id,
            Segment.name,
            Segment.kind,
            Segment.rule,
            Segment.fill,
            Segment.revision,
            Segment.asked,
            Segment.answered,
            Segment.counted_at,
            Segment.recounted_at,
            Segment.due_at,
        )
        .where(Segment.due_at <= now)
        .order_by(Segment.due_at, Segment.id)
        .limit(1)
    )
    row = found.one_or_none()
    if row is None:
        return None
    await session.execute(
        text("UPDATE segment SET flips_at = NULL WHERE id = :id AND flips_at IS NOT NULL"),
        {"id": row[0]},
    )
    return DueSegment(*row)


async def bring_flips(session: AsyncSession, flips: Mapping[int, datetime], now: datetime) -> None:
    """Let segments be looked at by these moments; nothing is written where that is so already."""
    if not flips:
        return
    await session.execute(
        text(
            """
            WITH brought AS MATERIALIZED (
                SELECT s.id, b.at FROM segment s
                JOIN jsonb_to_recordset(CAST(:flips AS jsonb)) AS b(id bigint, at timestamptz)
                USING (id)
                WHERE (s.flips_at IS NULL OR s.flips_at > b.at + :about)
                AND NOT (s.due_at > :now AND s.due_at <= b.at)
                ORDER BY s.id FOR NO KEY UPDATE OF s
            )
            UPDATE segment s SET flips_at = b.at,
                due_at = least(s.due_at, greatest(b.at, s.rests_until))
            FROM brought b WHERE s.id = b.id
            """
        ),
        {
            "flips": rowset([{"id": id_, "at": at} for id_, at in flips.items()]),
            "now": now,
            "about": _ABOUT,
        },
    )


async def asked_and_due(session: AsyncSession, now: datetime) -> dict[int, int]:
    """Segments that everybody is to be asked by, with the number of that wish."""
    found = await session.execute(
        select(Segment.id, Segment.asked).where(
            Segment.due_at <= now, Segment.asked != Segment.answered
        )
    )
    return {row[0]: row[1] for row in found}


async def soonest_due(session: AsyncSession) -> datetime | None:
    return await session.scalar(select(func.min(Segment.due_at)))


async def how_many_due_later(session: AsyncSession) -> int:
    """Segments that time alone may change."""
    counted = select(func.count()).where(Segment.due_at.is_not(None))
    return (await session.execute(counted)).scalar_one()


async def write_look(
    session: AsyncSession,
    segment: DueSegment,
    *,
    as_of: datetime,
    next_due: datetime | None,
    rests_until: datetime,
    took_ms: int,
    everybody: bool,
) -> bool:
    """Members are right for `as_of`. False, and nothing written, when it was edited meanwhile.

    A wish for a recount that came meanwhile keeps the segment due.
    """
    written = await session.execute(
        text(_WRITE_LOOK),
        {
            "id": segment.id,
            "revision": segment.revision,
            "asked": segment.asked,
            "everybody": everybody,
            "as_of": as_of,
            "next_due": next_due,
            "rests_until": rests_until,
            "took_ms": took_ms,
            "kept": SegmentState.KEPT,
        },
    )
    return written.one_or_none() is not None


async def put_off(
    session: AsyncSession, segment_id: int, due_at: datetime, *, broken: bool
) -> None:
    """Look again later; `broken` says that its rule cannot be read."""
    values: dict[str, Any] = {"due_at": due_at}
    if broken:
        values["state"] = SegmentState.BROKEN
    await session.execute(
        update(Segment)
        .where(Segment.id == segment_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


async def ask_for_recount(
    session: AsyncSession, now: datetime, names: Collection[str] | None = None
) -> int:
    """Let these rule segments, or all of them, be counted anew; how many were asked."""
    wanted = (
        update(Segment)
        .where(Segment.kind == SegmentKind.RULE)
        .values(asked=Segment.asked + 1, due_at=now)
        .execution_options(synchronize_session=False)
    )
    if names is not None:
        wanted = wanted.where(Segment.name.in_(names))
    found = await session.execute(wanted.returning(Segment.id))
    return len(found.all())
