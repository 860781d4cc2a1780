"""What an import did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import Problem
from engine.services.imports.matching import Fate


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One of the first lines as it was understood; `fields` are shown values by field name."""

    number: int
    fate: Fate
    fields: Mapping[str, str]
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`counts` over all lines by fate. `incomplete` lines made a record, but one name in them was
    of no record: they are among the rejects with that reason. `rejects` is the file with the lines
    to mend, None when there was none. `partitions` are to be poked after an import with events."""

    kind: str
    format: str
    lines: int
    counts: Mapping[Fate, int]
    incomplete: int
    also_created: Mapping[str, int]
    events: int
    partitions: frozenset[int]
    rejects: Path | None
    first_problems: Sequence[tuple[int, Problem]]
    seconds: float
    dry_run: bool
    preview: Sequence[PreviewLine] = ()

    def count(self, fate: Fate) -> int:
        return self.counts.get(fate, 0)


@dataclass(slots=True)
class Tally:
    """Counting while it runs."""

    lines: int = 0
    counts: Counter[Fate] = field(default_factory=Counter)
    incomplete: int = 0
    events: int = 0
    partitions: set[int] = field(default_factory=set)
    first_problems: list[tuple[int, Problem]] = field(default_factory=list)

    def problem(self, line: int, problem: Problem) -> None:
        if len(self.first_problems) < 10:
            self.first_problems.append((line, problem))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is; `done` of `size` in bytes, or in rows for a workbook."""

    done: int
    size: int
    lines: int
    rejected: int
