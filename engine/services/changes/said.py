"""What an event says about changes, as rules read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

SOURCE: Final = "cadenza"
KIND: Final = "record"


class Happening(Protocol):
    """What of an event decides."""

    @property
    def kind(self) -> str: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...


def changes_said(event: Happening) -> dict[str, dict[str, Any]]:
    """By record and field: {"contact": {"country": {"old": "SG", "new": "MY"}}}.

    Only our own services write events of this kind, an import that fires among them; a source that
    calls its event "Contact Updated" changes nothing.
    """
    if event.kind != KIND:
        return {}
    record, changes = event.properties.get("record"), event.properties.get("changes")
    if not isinstance(record, str) or not isinstance(changes, Mapping):
        return {}
    return {record: {name: _sides(change) for name, change in changes.items()}}


def _sides(change: Any) -> Any:
    if isinstance(change, list) and len(change) == 2:
        return {"old": change[0], "new": change[1]}
    return change
