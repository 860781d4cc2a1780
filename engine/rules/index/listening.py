"""What makes a rule worth asking: the name of an event, or a field that changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.rules.facts import LIST_KINDS
from engine.rules.ir import Path

_LIST_OF = {kind: name for name, kind in LIST_KINDS.items()}


@dataclass(frozen=True, slots=True)
class Listens:
    """A rule is asked at events of these names, at every event when `to_all`, and whenever one of
    these fields changed.

    `fields` are paths as `Reads.fields` has them: ("contact", "country"), ("orders", "status").
    """

    events: frozenset[str] = frozenset()
    fields: frozenset[Path] = frozenset()
    to_all: bool = False


def changed_paths(record: str, fields: Iterable[str]) -> frozenset[Path]:
    """The paths by which rules read these fields of a changed record: a deal's stage is both
    ("deal", "stage") and ("deals", "stage").
    """
    heads = [record, _LIST_OF[record]] if record in _LIST_OF else [record]
    return frozenset((head, *field.split(".")) for field in fields for head in heads)


def meets(path: Path) -> Iterable[Path]:
    """The path and what lies above it below the record: a changed amount is read as its currency
    too.
    """
    return (path[:length] for length in range(min(2, len(path)), len(path) + 1))
