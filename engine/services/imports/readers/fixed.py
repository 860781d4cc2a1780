"""Files without delimiters: cells by position, or words set apart by any number of blanks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import Refused
from engine.services.imports.readers.encoding import detect_encoding, known_encoding
from engine.services.imports.readers.table import LONGEST_LINE, Line, Table, usable_header

Cut = Callable[[str], list[str]]


def by_position(spans: list[tuple[int, int]]) -> Cut:
    """Cells from the first to the last character, both counted from 1 and included."""
    return lambda line: [line[first - 1 : last].strip() for first, last in spans]


def by_blanks(line: str) -> list[str]:
    return line.split()


def open_fixed(path: Path, *, encoding: str | None, header: list[str], cut: Cut) -> Table:
    codec = known_encoding(encoding) if encoding else detect_encoding(path)
    if path.stat().st_size == 0:
        raise Refused(f"{path.name} is empty.")
    lines = _Lines(path, codec, cut)
    names = usable_header(header, path.name)
    return Table(names, lines, path.stat().st_size, lines.position, f"fixed columns, {codec}")


class _Lines(Iterator[Line]):
    def __init__(self, path: Path, codec: str, cut: Cut) -> None:
        self._path = path
        self._codec = codec
        self._cut = cut
        self._number = 0
        self._read = 0
        self._file = path.open(encoding=codec)

    def __next__(self) -> Line:
        while True:
            try:
                line = self._file.readline(LONGEST_LINE)
            except UnicodeDecodeError as error:
                self._file.close()
                raise Refused(
                    f"{self._path.name}: after line {self._number} there are bytes that are not "
                    f"{self._codec}. Name the file's encoding in the mapping."
                ) from error
            if not line:
                self._file.close()
                raise StopIteration
            if len(line) == LONGEST_LINE:
                raise Refused(f"{self._path.name}:{self._number + 1}: the line does not end.")
            self._number += 1
            self._read += len(line)
            if line.strip():
                return Line(self._number, self._cut(line.rstrip("\r\n")))

    def position(self) -> int:
        """Characters, which is near enough to bytes for a progress bar."""
        return self._read

    def __del__(self) -> None:
        self._file.close()
