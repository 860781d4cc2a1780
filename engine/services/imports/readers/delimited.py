"""CSV and its relatives, read line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from engine.errors import Refused
from engine.services.imports.readers.encoding import detect_encoding, known_encoding
from engine.services.imports.readers.table import LONGEST_LINE, Line, Table, usable_header

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 30


def open_delimited(
    path: Path, *, encoding: str | None, delimiter: str | None, header: list[str] | None
) -> Table:
    """`header` names the columns of a file whose first line is data already."""
    codec = known_encoding(encoding) if encoding else detect_encoding(path)
    mark = delimiter or _delimiter(path, codec)
    rows = _rows(path, codec, mark)
    if header is None:
        try:
            names = usable_header(next(rows).cells, path.name)
        except StopIteration:
            raise Refused(f"{path.name} is empty: it has no header and no lines.") from None
    else:
        names = usable_header(header, path.name)
    file_size = path.stat().st_size
    position = rows.position
    words = f"CSV, {codec.removesuffix('-sig')}, separated by {_spelled(mark)}"
    return Table(names, rows, file_size, position, words)


class _rows(Iterator[Line]):  # noqa: N801 - used like a function
    """Lines of cells; a quoted cell may span several lines of the file, counted as its first."""

    def __init__(self, path: Path, codec: str, delimiter: str) -> None:
        self._path = path
        self._codec = codec
        self._file = path.open("rb")
        self._text = open(self._file.fileno(), encoding=codec, newline="", closefd=False)  # noqa: SIM115
        self._reader = csv.reader(
            _bounded(self._text, path.name), delimiter=delimiter, strict=False
        )

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        while True:
            number = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                self.close()
                raise
            except csv.Error as error:
                self.close()
                raise Refused(f"{self._path.name}:{number}: {_advice(error)}") from error
            except UnicodeDecodeError as error:
                self.close()
                raise Refused(
                    f"{self._path.name}: after line {number} there are bytes that are not "
                    f"{self._codec}. Name the file's encoding in the mapping, for example "
                    '"encoding: windows-1252".'
                ) from error
            if number == 1 and len(cells) <= 2 and cells and cells[0].startswith("sep="):
                continue  # Excel's own line that names the delimiter
            if any(cell and not cell.isspace() for cell in cells):
                return Line(number, cells)

    def position(self) -> int:
        return self._path.stat().st_size if self._file.closed else self._file.tell()

    def close(self) -> None:
        self._text.close()
        self._file.close()

    def __del__(self) -> None:
        self.close()


def _bounded(file: TextIO, name: str) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise Refused(
                f"{name} has a line longer than {LONGEST_LINE:,} characters. It is not a CSV file, "
                "or its lines do not end."
            )
        yield line


def _advice(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "a quoted cell begins here and never ends. Close the quote, or double quotes inside."
    return f"cannot be read as CSV ({error}). Save the file again as CSV UTF-8."


def _delimiter(path: Path, codec: str) -> str:
    """The one that cuts the first lines into the same number of cells, and the most of them."""
    with path.open(encoding=codec, newline="", errors="replace") as file:
        sample = [line for line in islice(_bounded(file, path.name), _SAMPLE_LINES) if line.strip()]
    if sample and sample[0].startswith("sep="):
        return sample[0][4:5] or ","
    best, best_score = ",", 0.0
    for candidate in _DELIMITERS:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=candidate) if cells]
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        score = alike * 100 + widths[0]
        if score > best_score:
            best, best_score = candidate, score
    return best


def _spelled(delimiter: str) -> str:
    return {"\t": "tabs", " ": "spaces"}.get(delimiter, delimiter)
