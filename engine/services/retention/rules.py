"""Retention rules: set by a person who saw the counts, applied in small batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import retention as rows
from crm_store.models import RetentionRule
from crm_store.session import Store
from engine.errors import NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import SYSTEM, Actor, allowed

# Ten years; what must be kept for longer has no rule.
LONGEST_DAYS: Final = 3650
BATCH: Final = 2_000
# A day's work is bounded; the next look goes on.
MOST_BATCHES: Final = 500
# The least that leaves runs, questions about yesterday and late answers whole.
KINDS: Final[Mapping[str, int]] = {
    "events": 90,
    "journal": 30,
    "message_addresses": 30,
    "clicks": 30,
    "field_history": 90,
    "notices": 7,
    "tickets_closed": 90,
    "sessions": 1,
    "dead_letters": 7,
    "webhook_log": 7,
    "jobs": 7,
    "privacy_requests": 365,
}
assert set(KINDS) == set(rows.KINDS)


class RuleRow(NamedTuple):
    """`keep_days` None: rows of this kind stay."""

    kind: str
    keep_days: int | None
    least_days: int
    changed_at: datetime | None = None
    changed_by: str | None = None
    applied_at: datetime | None = None
    removed: int = 0


async def retention_rules(session: AsyncSession, actor: Actor) -> Sequence[RuleRow]:
    """Every kind, with its rule where it has one. Raises NotAllowed."""
    allowed(actor, "read", "privacy")
    found = {row.kind: row for row in await session.scalars(select(RetentionRule))}
    return [_row(kind, least, found.get(kind)) for kind, least in KINDS.items()]


async def preview_rule(
    session: AsyncSession, actor: Actor, kind: str, keep_days: int, now: datetime
) -> int:
    """How many rows such a rule would take out now. Raises NotAllowed, NotFound, Refused."""
    allowed(actor, "read", "privacy")
    _refuse_wrong(kind, keep_days)
    return await rows.count_old(session, kind, now - timedelta(days=keep_days))


async def set_rule(
    session: AsyncSession, actor: Actor, kind: str, keep_days: int, now: datetime
) -> RuleRow:
    """Raises NotAllowed, NotFound for an unknown kind, Refused."""
    allowed(actor, "edit", "retention")
    _refuse_wrong(kind, keep_days)
    before = await session.get(RetentionRule, kind, with_for_update=True)
    was = None if before is None else before.keep_days
    values = {"keep_days": keep_days, "changed_at": now, "changed_by": actor.name}
    await session.execute(
        insert(RetentionRule)
        .values(kind=kind, **values)
        .on_conflict_do_update(index_elements=[RetentionRule.kind], set_=values)
    )
    told = {"keep_days": keep_days}
    await audit.record(session, actor, "set", "retention", kind, {"keep_days": was}, told)
    found = await session.get(RetentionRule, kind, populate_existing=True)
    return _row(kind, KINDS[kind], found)


async def forget_rule(session: AsyncSession, actor: Actor, kind: str) -> None:
    """Rows of this kind stay from now on. Twice changes nothing."""
    allowed(actor, "edit", "retention")
    if kind not in KINDS:
        raise _unknown(kind)
    gone = await session.execute(
        delete(RetentionRule).where(RetentionRule.kind == kind).returning(RetentionRule.keep_days)
    )
    was = gone.scalar_one_or_none()
    if was is not None:
        await audit.record(session, actor, "unset", "retention", kind, {"keep_days": was})


async def apply_retention(
    store: Store, now: datetime, *, most_batches: int = MOST_BATCHES
) -> Mapping[str, int]:
    """Take out what the rules say is old, a small transaction at a time; how many rows of each
    kind. Whoever comes after a crash goes on: what is gone is gone."""
    async with store.transaction() as session:
        kept = {row.kind: row.keep_days for row in await session.scalars(select(RetentionRule))}
    removed: dict[str, int] = {}
    for kind, days in kept.items():
        if kind in KINDS:
            removed[kind] = await _apply(store, kind, now - timedelta(days=days), most_batches)
            await _note(store, kind, removed[kind], now)
    return removed


async def _apply(store: Store, kind: str, before: datetime, most_batches: int) -> int:
    gone = 0
    for _ in range(most_batches):
        async with store.transaction() as session:
            batch = await rows.remove_old(session, kind, before, BATCH)
        gone += batch
        if batch < BATCH:
            break
    return gone


async def _note(store: Store, kind: str, removed: int, now: datetime) -> None:
    async with store.transaction() as session:
        await session.execute(
            update(RetentionRule)
            .where(RetentionRule.kind == kind)
            .values(applied_at=now, removed=RetentionRule.removed + removed)
        )
        if removed:
            after = {"removed": removed}
            await audit.record(session, SYSTEM, "apply", "retention", kind, None, after)


def _row(kind: str, least: int, found: RetentionRule | None) -> RuleRow:
    if found is None:
        return RuleRow(kind, None, least)
    return RuleRow(
        kind,
        found.keep_days,
        least,
        found.changed_at,
        found.changed_by,
        found.applied_at,
        found.removed,
    )


def _refuse_wrong(kind: str, keep_days: int) -> None:
    if kind not in KINDS:
        raise _unknown(kind)
    least = KINDS[kind]
    if not least <= keep_days <= LONGEST_DAYS:
        message = f"choose between {least} and {LONGEST_DAYS} days"
        raise Refused("The rule was not kept.", [Problem("/keep_days", "out_of_range", message)])


def _unknown(kind: str) -> NotFound:
    return NotFound(f'There is no kind "{kind[:40]}". There are {", ".join(KINDS)}.')
