"""What every kind of file becomes: a header and numbered lines of text cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.errors import Refused

# A cell of a megabyte is no cell: the file is something else, or a quote was never closed.
LONGEST_LINE = 1024 * 1024


class Line(NamedTuple):
    """`number` is the line of the file, or row of the sheet, as an editor counts it."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """`lines` is read once, in order, in constant memory. `done` tells how many of `size` units
    (bytes, or rows for a workbook) have been read so far; `format` says in words what was found."""

    header: tuple[str, ...]
    lines: Iterator[Line]
    size: int
    done: Callable[[], int]
    format: str


def usable_header(cells: list[str], name: str) -> tuple[str, ...]:
    """The column names; refuses a header that says nothing or the same thing twice."""
    header = tuple(" ".join(cell.split()) for cell in cells)
    if not any(header):
        raise Refused(f"{name}: the first line names no columns; it must hold their names.")
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        places = [f'"{column}" (columns {_places(header, column)})' for column in twice]
        raise Refused(
            f"{name}: the header has {', '.join(places)} more than once. Rename one of them: it "
            "cannot be told which one is meant."
        )
    return header


def _places(header: tuple[str, ...], column: str) -> str:
    return ", ".join(str(place + 1) for place, name in enumerate(header) if name == column)
