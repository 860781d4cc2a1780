"""Which record a line describes, and what it would change, decided in memory for a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from crm_store.base import folded
from engine.errors import Problem
from engine.services.imports.draft import Draft
from engine.services.imports.kinds.base import RecordKind, Surroundings


class Fate(StrEnum):
    """What becomes of a line. `repeated`: says again what an earlier line of the file said."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    REJECTED = "rejected"


@dataclass(eq=False, slots=True)
class Entry:
    """A record as this batch leaves it. `line` is the line that described it, if one did."""

    record: dict[str, Any]
    is_new: bool
    line: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Placed:
    draft: Draft
    fate: Fate
    entry: Entry | None
    problems: Sequence[Problem] = ()


class Ledger:
    """The records a batch may be about, by their keys."""

    def __init__(
        self,
        kind: RecordKind,
        match_by: Sequence[str],
        records: Iterable[dict[str, Any]],
        seen: Mapping[int, int],
        around: Surroundings,
    ) -> None:
        self._kind = kind
        self._around = around
        self._match_by = match_by
        self._public_names = {kind.column(name): name for name in kind.fields}
        self._holders: dict[tuple[str, str], list[Entry]] = {}
        self.entries: list[Entry] = []
        for record in records:
            self._add(Entry(record, is_new=False, line=seen.get(record["id"])))

    def place(self, draft: Draft) -> Placed:
        """Decide one line. Lines must come in the order of the file: the first one about a record
        counts, so that importing the same file again finds nothing to change."""
        entry, problems = self._find(draft)
        if problems:
            return Placed(draft, Fate.REJECTED, None, problems)
        if entry is None:
            return self._create(draft)
        if entry.line is not None:
            return self._repeat(draft, entry)
        entry.line = draft.line.number
        changes = self._changes(draft, entry)
        if not changes:
            return Placed(draft, Fate.UNCHANGED, entry)
        taken = self._taken(draft, entry)
        if taken:
            return Placed(draft, Fate.REJECTED, None, taken)
        entry.before = {column: entry.record.get(column) for column in changes}
        entry.changes = changes
        entry.record.update(changes)
        self._index(entry)
        return Placed(draft, Fate.UPDATED, entry)

    def _find(self, draft: Draft) -> tuple[Entry | None, list[Problem]]:
        keys = [(name, draft.keys[name]) for name in self._match_by if name in draft.keys]
        if not keys:
            ways = " or ".join(self._match_by)
            return None, [Problem("", "no_key", f"the line has no {ways} to know it by.")]
        for place, (name, value) in enumerate(keys):
            holders = self._holders.get((name, value), [])
            fitting = [
                holder
                for holder in holders
                if not any(self._differs(holder, earlier) for earlier in keys[:place])
            ]
            if len(fitting) > 1:
                message = f"{len(fitting)} {self._kind.noun}s have this {name}."
                return None, [Problem(name, "ambiguous", message)]
            if fitting:
                return fitting[0], []
            if holders and self._kind.keys[name].unique:
                first = keys[0][0]
                message = f"it belongs to a {self._kind.noun} with another {first}."
                return None, [Problem(name, "taken", message)]
        return None, []

    def _differs(self, entry: Entry, key: tuple[str, str]) -> bool:
        name, value = key
        known = entry.record.get(self._kind.keys[name].column)
        return known is not None and known != value

    def _taken(self, draft: Draft, entry: Entry) -> list[Problem]:
        """Unique keys of the line that another record holds."""
        return [
            Problem(name, "taken", f"it belongs to another {self._kind.noun} already.")
            for name, value in draft.keys.items()
            if self._kind.keys[name].unique
            and any(holder is not entry for holder in self._holders.get((name, value), []))
        ]

    def _create(self, draft: Draft) -> Placed:
        kind = self._kind
        named = set(draft.later)
        lacking = [
            name
            for name in kind.needed
            if draft.values.get(kind.column(name)) is None and name not in named
        ]
        if lacking:
            message = f"a new {kind.noun} needs {', '.join(lacking)}."
            return Placed(draft, Fate.REJECTED, None, [Problem(lacking[0], "missing", message)])
        entry = Entry({}, is_new=True, line=draft.line.number)
        taken = self._taken(draft, entry)
        if taken:
            return Placed(draft, Fate.REJECTED, None, taken)
        record = {**kind.defaults, **draft.values}
        entry.record = record | kind.complete(record, None, self._around)
        self._add(entry)
        return Placed(draft, Fate.CREATED, entry)

    def _repeat(self, draft: Draft, entry: Entry) -> Placed:
        changes = self._changes(draft, entry)
        if not changes:
            return Placed(draft, Fate.REPEATED, entry)
        message = (
            f"line {entry.line} describes this {self._kind.noun} already, with another "
            f"{', '.join(self._public(changes))}; the first line counts."
        )
        return Placed(draft, Fate.REJECTED, None, [Problem("", "contradicts", message)])

    def _changes(self, draft: Draft, entry: Entry) -> dict[str, Any]:
        """Columns that would change; spelling an address with other capitals is no change."""
        record = entry.record
        said = {
            column: value
            for column, value in draft.values.items()
            if column not in self._kind.once and record.get(column) != value
        }
        if "email" in said and folded(said["email"]) == record.get("email_key"):
            del said["email"]
        if "custom" in said:
            said["custom"] = {**(record.get("custom") or {}), **said["custom"]}
            if said["custom"] == record.get("custom"):
                del said["custom"]
        if not said:
            return {}
        around = replace(self._around, said=frozenset(draft.values))
        derived = self._kind.complete({**record, **said}, record, around)
        said |= {name: value for name, value in derived.items() if record.get(name) != value}
        return {column: value for column, value in said.items() if record.get(column) != value}

    def _public(self, changes: Mapping[str, Any]) -> list[str]:
        """Names as the mapping file spells them, without what only follows from others."""
        names = self._public_names
        return sorted(names.get(c, c) for c in changes if c in names or c == "custom")

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._index(entry)

    def _index(self, entry: Entry) -> None:
        for name, key in self._kind.keys.items():
            value = entry.record.get(key.column)
            if value is not None:
                holders = self._holders.setdefault((name, value), [])
                if entry not in holders:
                    holders.append(entry)
