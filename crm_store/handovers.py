"""One person's work going to others and coming back: a page is a few statements."""

# ruff: noqa: S608 - the names of tables in the statements are this file's own

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import update_rows
from crm_store.models import Handover, HandoverState
from crm_store.rowset import rowset

_CONTACT_NAME: Final = """
    COALESCE(NULLIF(concat_ws(' ', r.first_name, r.last_name), ''), r.email, 'contact ' || r.id)
"""
_OF_CONTACT: Final = (*("r.contact_id", "c.country", "LEFT JOIN contact c ON c.id = r.contact_id"),)


class _Table(NamedTuple):
    """`open` holds of rows `r` that are still work; a closed one stays with who did it."""

    name: str
    open: str
    label: str
    updated_at: bool


_OPEN_DEAL: Final = """
    EXISTS (SELECT 1 FROM stage s WHERE s.id = r.stage_id AND s.kind = 'open')
"""
_TABLES: Final[Mapping[str, _Table]] = {
    "contact": _Table("contact", "true", _CONTACT_NAME, updated_at=True),
    "deal": _Table("deal", _OPEN_DEAL, "r.name", updated_at=True),
    "ticket": _Table(
        "ticket", "r.status NOT IN ('solved', 'closed')", "r.subject", updated_at=False
    ),
    "task": _Table(
        "activity", "r.kind = 'task' AND r.done_at IS NULL", "r.subject", updated_at=False
    ),
}
RECORDS: Final = frozenset(_TABLES)


class PieceRow(NamedTuple):
    id: int
    contact_id: int | None
    country: str | None
    label: str


class NewItem(NamedTuple):
    kind: str
    record_id: int
    to_user_id: int


class ItemRow(NamedTuple):
    kind: str
    record_id: int
    to_user_id: int


class FoundRow(NamedTuple):
    id: int
    owner_id: int | None
    is_open: bool


async def pieces(
    session: AsyncSession, kind: str, from_id: int, *, after: int, limit: int | None, hold: bool
) -> list[PieceRow]:
    """What a person has of a kind, by id behind `after`; locked with `hold`."""
    of = _TABLES[kind]
    contact = ("r.id", "r.country", "") if kind == "contact" else _OF_CONTACT
    found = await session.execute(
        text(
            f"""
            SELECT r.id, {contact[0]}, {contact[1]}, {of.label}
            FROM {of.name} r {contact[2]}
            WHERE r.owner_id = :from_id AND r.id > :after AND {of.open}
            ORDER BY r.id LIMIT :limit {"FOR NO KEY UPDATE OF r" if hold else ""}
            """
        ),
        {"from_id": from_id, "after": after, "limit": limit},
    )
    return [PieceRow._make(row) for row in found]


async def count_pieces(session: AsyncSession, kind: str, from_id: int) -> int:
    of = _TABLES[kind]
    found = await session.scalar(
        text(f"SELECT count(*) FROM {of.name} r WHERE r.owner_id = :from_id AND {of.open}"),
        {"from_id": from_id},
    )
    return int(found or 0)


async def runs_with(session: AsyncSession, from_id: int) -> int:
    """How many runs of contacts of this person are on their way."""
    found = await session.scalar(
        text(
            "SELECT count(*) FROM run r JOIN contact c ON c.id = r.subject_id"
            " WHERE r.subject_kind = 'contact' AND r.state <> 'ended' AND c.owner_id = :from_id"
        ),
        {"from_id": from_id},
    )
    return int(found or 0)


async def give(session: AsyncSession, kind: str, owners: Mapping[int, int], now: datetime) -> None:
    """Write owners; the rows are held."""
    of = _TABLES[kind]
    stamp = {"updated_at": now} if of.updated_at else {}
    changes = {id_: {"owner_id": owner, **stamp} for id_, owner in owners.items()}
    await update_rows(session, of.name, changes)


async def find(
    session: AsyncSession, kind: str, ids: Collection[int], *, hold: bool
) -> dict[int, FoundRow]:
    """Where records are now, locked by id with `hold`; those that are gone are left out."""
    of = _TABLES[kind]
    found = await session.execute(
        text(
            f"SELECT r.id, r.owner_id, {of.open} FROM {of.name} r WHERE r.id = ANY(:ids)"
            f" ORDER BY r.id {'FOR NO KEY UPDATE OF r' if hold else ''}"
        ),
        {"ids": list(ids)},
    )
    return {row[0]: FoundRow._make(row) for row in found}


async def cases_of(
    session: AsyncSession, user_id: int, *, after: int, limit: int
) -> list[tuple[int, str]]:
    """Open escalations, by id and title, that somebody has taken up or that are about work of
    theirs."""
    found = await session.execute(
        text(
            "SELECT id, title FROM escalation_case WHERE ended_at IS NULL AND id > :after"
            " AND (acknowledged_by_id = :user OR owner_id = :user) ORDER BY id LIMIT :limit"
        ),
        {"user": user_id, "after": after, "limit": limit},
    )
    return [(row[0], row[1]) for row in found]


class CaseNow(NamedTuple):
    id: int
    owner_id: int | None
    acknowledged_by_id: int | None
    ended_at: datetime | None


async def cases_now(session: AsyncSession, ids: Collection[int]) -> dict[int, CaseNow]:
    """Escalations as they are, held by nobody; those that are gone are left out."""
    columns = ", ".join(CaseNow._fields)
    found = await session.execute(
        text(f"SELECT {columns} FROM escalation_case WHERE id = ANY(:ids)"), {"ids": list(ids)}
    )
    return {row[0]: CaseNow._make(row) for row in found}


async def add_handover(session: AsyncSession, values: Mapping[str, Any]) -> Handover:
    handover = Handover(**values)
    session.add(handover)
    await session.flush()
    return handover


async def handover_of(
    session: AsyncSession, handover_id: int, *, hold: bool = False
) -> Handover | None:
    wanted = select(Handover).where(Handover.id == handover_id)
    if hold:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found: Handover | None = await session.scalar(wanted)
    return found


async def under_way_of(session: AsyncSession, from_id: int) -> int | None:
    """The handover of this person that is being carried out."""
    found: int | None = await session.scalar(
        text(
            "SELECT id FROM handover WHERE from_user_id = :from_id"
            " AND state IN ('running', 'returning')"
        ),
        {"from_id": from_id},
    )
    return found


async def next_under_way(session: AsyncSession, after: int) -> Handover | None:
    """The next one with work to do, held; one that another process works on is left to it."""
    found: Handover | None = await session.scalar(
        select(Handover)
        .where(
            Handover.id > after,
            Handover.state.in_((HandoverState.RUNNING, HandoverState.RETURNING)),
        )
        .order_by(Handover.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return found


async def due_returns(session: AsyncSession, now: datetime) -> list[Handover]:
    """Those to be given back by now, held."""
    found = await session.scalars(
        select(Handover)
        .where(Handover.state == HandoverState.DONE, Handover.return_at <= now)
        .order_by(Handover.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def next_return(session: AsyncSession) -> datetime | None:
    found: datetime | None = await session.scalar(
        text("SELECT min(return_at) FROM handover WHERE state = 'done' AND return_at IS NOT NULL")
    )
    return found


async def recent(session: AsyncSession, *, before: int | None, limit: int) -> list[Handover]:
    """Newest first."""
    wanted = select(Handover).order_by(Handover.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(Handover.id < before)
    return list(await session.scalars(wanted))


async def add_items(
    session: AsyncSession, handover_id: int, items: Sequence[NewItem], now: datetime
) -> None:
    if items:
        await session.execute(
            text(
                """
                INSERT INTO handover_item (handover_id, kind, record_id, to_user_id, at)
                SELECT :handover, kind, record_id, to_user_id, :now
                FROM json_to_recordset(CAST(:rows AS json))
                    AS new(kind text, record_id bigint, to_user_id bigint)
                ON CONFLICT (handover_id, kind, record_id) DO NOTHING
                """
            ),
            {
                "handover": handover_id,
                "now": now,
                "rows": rowset([one._asdict() for one in items]),
            },
        )


async def takers_of_contacts(
    session: AsyncSession, handover_id: int, contact_ids: Collection[int]
) -> dict[int, int]:
    """Who took which contact."""
    if not contact_ids:
        return {}
    found = await session.execute(
        text(
            "SELECT record_id, to_user_id FROM handover_item WHERE handover_id = :id"
            " AND kind = 'contact' AND record_id = ANY(:contacts)"
        ),
        {"id": handover_id, "contacts": list(contact_ids)},
    )
    return {row[0]: row[1] for row in found}


async def items(
    session: AsyncSession, handover_id: int, kind: str, *, after: int, limit: int | None
) -> list[ItemRow]:
    """What was handed over and not yet looked at for the return, by id behind `after`."""
    found = await session.execute(
        text(
            "SELECT kind, record_id, to_user_id FROM handover_item WHERE handover_id = :id"
            " AND kind = :kind AND record_id > :after AND back IS NULL"
            " ORDER BY record_id LIMIT :limit"
        ),
        {"id": handover_id, "kind": kind, "after": after, "limit": limit},
    )
    return [ItemRow._make(row) for row in found]


async def came_back(
    session: AsyncSession, handover_id: int, kind: str, backs: Mapping[int, str]
) -> None:
    if backs:
        rows = [{"id": id_, "back": back} for id_, back in backs.items()]
        await session.execute(
            text(
                """
                UPDATE handover_item i SET back = b.back
                FROM json_to_recordset(CAST(:rows AS json)) AS b(id bigint, back text)
                WHERE i.handover_id = :handover AND i.kind = :kind AND i.record_id = b.id
                """
            ),
            {"handover": handover_id, "kind": kind, "rows": rowset(rows)},
        )
