"""One batch of lines into the store: names to ids, matching, writing, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bulk
from crm_store import imports as rows
from engine.errors import Problem, Unavailable
from engine.services.imports.draft import Draft
from engine.services.imports.kinds.base import RecordKind, Surroundings
from engine.services.imports.mapping import Mapping as MappingFile
from engine.services.imports.matching import Entry, Fate, Ledger, Placed
from engine.services.imports.references import References

_ATTEMPTS: Final = 5


class _Raced(Exception):
    """Somebody else made a record with one of our keys in between."""


@dataclass(slots=True)
class BatchWriter:
    """Writes batches of one import. Safe to repeat: a batch that was committed changes nothing."""

    kind: RecordKind
    mapping: MappingFile
    stages: Mapping[int, Any]
    references: References = field(init=False)
    key_columns: Sequence[tuple[str, str, Callable[[str], str]]] = field(init=False)

    def __post_init__(self) -> None:
        self.references = References(self.kind, self.mapping.fields)
        self.key_columns = [
            (name, self.kind.column(name), key.fold) for name, key in self.kind.keys.items()
        ]

    async def write(
        self, session: AsyncSession, drafts: Sequence[Draft], now: datetime
    ) -> list[Placed]:
        """What became of each line, in order of the file. The caller commits."""
        for table in self._tables:
            await rows.one_import_at_a_time(session, table)
        await self.references.resolve(session, [d for d in drafts if not d.problems])
        good = [draft for draft in drafts if not draft.problems]
        for draft in good:
            draft.keys = self._keys(draft)
        await self._known_today(session, good)
        bad = [Placed(d, Fate.REJECTED, None, d.problems) for d in drafts if d.problems]
        for _ in range(_ATTEMPTS):
            try:
                async with session.begin_nested():
                    placed = await self._attempt(session, good, now)
                break
            except (_Raced, IntegrityError):
                continue
        else:
            raise Unavailable(
                "Others keep changing the records that the file describes. Import it again later; "
                "what went in already stays as it is."
            )
        return sorted([*placed, *bad], key=lambda line: line.draft.line.number)

    @property
    def _tables(self) -> list[str]:
        """The tables this import adds records to, always in one order."""
        made = {
            target.table
            for name, source in self.mapping.fields.items()
            if source.missing == "create" and (target := self.kind.fields[name].target)
        }
        return sorted({self.kind.table, *made})

    def _keys(self, draft: Draft) -> dict[str, str]:
        return {
            name: fold(text)
            for name, column, fold in self.key_columns
            if (text := draft.values.get(column)) is not None
        }

    async def _known_today(self, session: AsyncSession, drafts: Sequence[Draft]) -> None:
        """Lines about a contact that was merged are about the one it is now, whose own names
        stand."""
        if self.kind.table != "contact":
            return
        for name, column, _ in self.key_columns:
            key = self.kind.keys[name].column
            said = {draft.keys[name] for draft in drafts if name in draft.keys}
            former = await rows.keys_of_former(session, key, said)
            for draft in drafts:
                if (names := former.get(draft.keys.get(name, ""))) is not None:
                    draft.values.pop(column, None)
                    known = {one: names[self.kind.keys[one].column] for one in self.kind.keys}
                    draft.keys |= {one: value for one, value in known.items() if value is not None}
                    if names[key] is None:
                        del draft.keys[name]

    async def _attempt(
        self, session: AsyncSession, drafts: Sequence[Draft], now: datetime
    ) -> list[Placed]:
        ledger = await self._ledger(session, drafts, now)
        placed = [ledger.place(draft) for draft in drafts]
        await rows.hold_contacts_behind(session, self.kind.table, _contacts(self.kind, ledger))
        await self._insert(session, [e for e in ledger.entries if e.is_new], now)
        await self._update(session, [e for e in ledger.entries if e.changes], now)
        await self._follow_up(session, ledger, now)
        await self._beside(session, placed)
        lines = {
            entry.record["id"]: entry.line for entry in ledger.entries if entry.line is not None
        }
        await rows.mark_seen(session, lines)
        await rows.put_aside(session, list(self._asides(placed)))
        return placed

    async def _ledger(
        self, session: AsyncSession, drafts: Sequence[Draft], now: datetime
    ) -> Ledger:
        found: dict[int, dict[str, Any]] = {}
        for name, key in self.kind.keys.items():
            values = {value for draft in drafts if (value := draft.keys.get(name)) is not None}
            if key.unique:
                # Nobody else can hold what a record met by another key holds.
                values -= {record[key.column] for record in found.values()}
            for record in await rows.records_by(session, self.kind.table, key.column, values):
                found.setdefault(record["id"], record)
        seen = await rows.seen_lines(session, found) if found else {}
        match_by = self.mapping.match_by or self.kind.match_by
        around = Surroundings(now, self.stages)
        return Ledger(self.kind, match_by, found.values(), seen, around)

    async def _insert(self, session: AsyncSession, entries: Sequence[Entry], now: datetime) -> None:
        if not entries:
            return
        ids = await bulk.allocate_ids(session, self.kind.table, len(entries))
        dated = {"updated_at": now} if self.kind.dated else {}
        for entry, new_id in zip(entries, ids, strict=True):
            entry.record = {"created_at": now, **dated, **entry.record, "id": new_id}
        columns = sorted({column for entry in entries for column in entry.record})
        lines = [entry.record for entry in entries]
        if len(await bulk.insert_rows(session, self.kind.table, columns, lines)) < len(lines):
            raise _Raced

    async def _update(self, session: AsyncSession, entries: Sequence[Entry], now: datetime) -> None:
        dated = {"updated_at": now} if self.kind.dated else {}
        await bulk.update_rows(
            session,
            self.kind.table,
            {entry.record["id"]: entry.changes | dated for entry in entries if not entry.is_new},
        )

    async def _follow_up(self, session: AsyncSession, ledger: Ledger, now: datetime) -> None:
        if self.kind.follow_up is None:
            return
        moved = [
            entry.record["id"]
            for entry in ledger.entries
            if entry.is_new or not self.kind.moves_with.isdisjoint(entry.changes or ())
        ]
        await self.kind.follow_up(session, moved, now)

    async def _beside(self, session: AsyncSession, placed: Sequence[Placed]) -> None:
        """Tags and consents; a contact that gained one counts as updated."""
        met = [(line.entry, line) for line in placed if line.entry is not None]
        if self.kind.noun != "contact" or not met:
            return
        gained: set[int] = set()
        # What several lines say of one contact adds up, in whichever batches they fall.
        tags: dict[int, set[str]] = {}
        for entry, line in met:
            tags.setdefault(entry.record["id"], set()).update(line.draft.tags, self.mapping.tags)
        gained |= await rows.tag_contacts(session, tags)
        for consent in self.mapping.consents:
            gained |= await rows.add_consents(session, tags.keys(), consent.model_dump())
        for entry, line in met:
            if line.fate is Fate.UNCHANGED and entry.record["id"] in gained:
                line.fate = Fate.UPDATED

    def _asides(self, placed: Sequence[Placed]) -> list[rows.Aside]:
        return [
            rows.Aside(
                line.draft.line.number, name, line.entry.record["id"], key, line.draft.line.cells
            )
            for line in placed
            if line.entry is not None and line.fate is not Fate.REPEATED
            for name, key in line.draft.later.items()
        ]


def _contacts(kind: RecordKind, ledger: Ledger) -> set[int]:
    """The contacts that are written, or whose figures are worked out anew by what is."""
    written = [entry for entry in ledger.entries if entry.is_new or entry.changes]
    if kind.table == "contact":
        return {entry.record["id"] for entry in written if not entry.is_new}
    named = {
        values.get("contact_id") for entry in written for values in (entry.record, entry.before)
    }
    return {contact_id for contact_id in named if contact_id is not None}


async def settle_asides(
    session: AsyncSession, writer: BatchWriter, asides: Sequence[rows.Aside], now: datetime
) -> list[tuple[rows.Aside, Problem]]:
    """Names of records of the same file, now that all lines are in; returns those still unknown."""
    unknown: list[tuple[rows.Aside, Problem]] = []
    kind = writer.kind
    for name in sorted({aside.field for aside in asides}):
        target = kind.fields[name].target
        assert target is not None
        source = writer.mapping.fields[name]
        key = target.by[source.by] if source.by else next(iter(target.by.values()))
        mine = [aside for aside in asides if aside.field == name]
        ids = await rows.ids_by(session, target.table, key.column, {a.key for a in mine})
        dated = {"updated_at": now} if kind.dated else {}
        changes: dict[int, dict[str, Any]] = {}
        for aside in mine:
            found = ids.get(aside.key, [])
            if len(found) == 1 and found[0] != aside.id:
                changes[aside.id] = {kind.column(name): found[0], **dated}
            else:
                message = (
                    f'there is no {target.noun} "{aside.key}"; the {kind.noun} was imported '
                    "without it."
                    if not found
                    else f'"{aside.key}" is not one other {target.noun}; it was left out.'
                )
                unknown.append((aside, Problem(name, "unknown_reference", message)))
        await bulk.update_rows(session, kind.table, changes)
    return unknown
