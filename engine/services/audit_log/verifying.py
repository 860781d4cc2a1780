"""Checking the audit against its seals: what was changed, removed or inserted is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit_chain as rows
from crm_store.audit_chain import DayRow, SealedRow
from engine.services.actor import Actor, allowed
from engine.services.audit_log.seals import GENESIS, content_of, is_blank, seal_of

READ_AT_ONCE: Final = 2_000
MOST_NAMED: Final = 100
# No transaction of ours is open for longer. A row that is older than that when it is sealed came
# after others that were sealed before it.
LONGEST_TRANSACTION: Final = timedelta(hours=1)

Fault = Literal["changed", "removed", "inserted", "back_dated", "seal_changed", "day_changed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`audit_id` is None for what concerns a whole day."""

    fault: Fault
    audit_id: int | None
    day: date | None


@dataclass(slots=True)
class Verified:
    """`head` is the last seal: whoever keeps a copy of it elsewhere can tell later that nobody
    wrote the whole chain anew. At most `MOST_NAMED` findings are named."""

    rows: int = 0
    days: int = 0
    cleared: int = 0
    pending: int = 0
    head: str = GENESIS
    head_day: date | None = None
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def whole(self) -> bool:
        return not self.findings

    def add(self, fault: Fault, audit_id: int | None, day: date | None) -> None:
        if len(self.findings) < MOST_NAMED:
            self.findings.append(Finding(fault, audit_id, day))
        else:
            self.more += 1


async def verify_audit(
    session: AsyncSession, actor: Actor, *, known_head: str | None = None
) -> Verified:
    """Read the whole audit once. `known_head` is a head that was kept elsewhere: it must be the
    seal of some row or day still."""
    allowed(actor, "read", "audit")
    await rows.hold_chain(session)
    verified, before = Verified(), GENESIS
    days = await rows.days(session)
    reader = _Reader(verified, known_head, known_head in (None, GENESIS))
    is_kept = False
    for day in days:
        # the oldest go first: a day that is gone behind one that is kept was not let go by rule
        if day.begins_with != before or (is_kept and day.removed_at is not None):
            verified.add("day_changed", None, day.day)
        is_kept = is_kept or day.removed_at is None
        before = await reader.read(session, day)
        verified.days += 1
    verified.head, verified.head_day = before, days[-1].day if days else None
    if not reader.met:
        verified.add("day_changed", None, None)
    for id_, _ in await rows.rows_without_seal(session, MOST_NAMED):
        verified.add("inserted", id_, None)
    for id_ in await rows.pending_rows_gone(session, MOST_NAMED):
        verified.add("removed", id_, None)
    verified.pending, _ = await rows.count_pending(session)
    return verified


@dataclass(slots=True)
class _Reader:
    """Walks along one chain. `latest` is when the youngest row so far was written."""

    verified: Verified
    known_head: str | None
    met: bool = False
    latest: datetime | None = None

    async def read(self, session: AsyncSession, day: DayRow) -> str:
        """What the next day must begin with."""
        self.met = self.met or self.known_head == day.head
        if day.removed_at is not None:
            return day.head
        before, number = day.begins_with, 0
        while True:
            page = await rows.sealed_rows(session, day.day, number, READ_AT_ONCE)
            for row in page:
                # seals that were taken out leave a gap in the numbers
                if row.number != number + 1:
                    self.verified.add("seal_changed", row.audit_id, day.day)
                self._check(row, before, day.day)
                # what stands there, so that one fault is one finding
                before, number = row.seal, row.number
                self.met = self.met or self.known_head == row.seal
            if len(page) < READ_AT_ONCE:
                break
        if number != day.rows or before != day.head:
            self.verified.add("day_changed", None, day.day)
        return day.head

    def _check(self, row: SealedRow, before: str, day: date) -> None:
        self.verified.rows += 1
        said = row.said
        if said is None:
            self.verified.add("removed", row.audit_id, day)
            return
        if said.cleared:
            self.verified.cleared += 1
        # erasing leaves nothing to read, so what stands in a cleared row somebody wrote there
        fits = is_blank(said) if said.cleared else content_of(said) == row.content
        if not fits or seal_of(before, said, row.content) != row.seal:
            self.verified.add("changed", row.audit_id, day)
            return
        if self.latest is not None and said.written_at < self.latest - LONGEST_TRANSACTION:
            self.verified.add("back_dated", row.audit_id, day)
        written = min(said.written_at, row.sealed_at)
        self.latest = written if self.latest is None else max(self.latest, written)
