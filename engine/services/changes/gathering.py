"""From rows of the history to what a record's event says: one net change of each field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from crm_store.field_changes import ChangedField

TAGS: Final = "tags"


@dataclass(slots=True)
class ChangedRecord:
    """A record with the first old and the last new value of each field that changed."""

    record: str
    record_id: int
    contact_id: int
    last_id: int = 0
    _values: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    _tags: dict[str, tuple[bool, bool]] = field(default_factory=dict)

    def hear(self, change: ChangedField) -> None:
        self.last_id = change.id
        if change.field == TAGS:
            tag = change.old if change.new is None else change.new
            was, _ = self._tags.get(tag, (change.new is None, False))
            self._tags[tag] = (was, change.new is not None)
        else:
            first, _ = self._values.get(change.field, (change.old, None))
            self._values[change.field] = (first, change.new)

    @property
    def changes(self) -> dict[str, Any]:
        """By field [old, new]; of tags those added and removed. What came back to where it was is
        no change."""
        found: dict[str, Any] = {
            name: [old, new] for name, (old, new) in self._values.items() if old != new
        }
        added = sorted(tag for tag, (was, now) in self._tags.items() if now and not was)
        removed = sorted(tag for tag, (was, now) in self._tags.items() if was and not now)
        if added or removed:
            found[TAGS] = {"added": added, "removed": removed}
        return found


def changed_records(rows: Iterable[ChangedField]) -> list[ChangedRecord]:
    """In order of their first change."""
    found: dict[tuple[str, int], ChangedRecord] = {}
    for row in rows:
        key = (row.record, row.record_id)
        if key not in found:
            found[key] = ChangedRecord(row.record, row.record_id, row.contact_id)
        found[key].hear(row)
    return list(found.values())
