"""Lines that did not go in, in a file that can be mended and imported again."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from engine.errors import Problem, Refused
from engine.services.spreadsheet_text import harmless

LINE, REASON = "cadenza_line", "cadenza_reason"


class Rejects:
    """Made with its first line, so a clean import leaves no file. UTF-8 with a byte order mark,
    which spreadsheets need to read it right. The columns stay as they were, behind two of ours."""

    def __init__(self, path: Path | None, header: Sequence[str]) -> None:
        self._path = path
        self._header = header
        self._file: TextIO | None = None
        self.count = 0

    @property
    def path(self) -> Path | None:
        return self._path if self.count else None

    def add(self, line: int, problems: Sequence[Problem], cells: Sequence[str]) -> None:
        self.count += 1
        if self._path is None:
            return
        if self._file is None:
            self._file = self._open(self._path)
        reason = " ".join(str(problem) for problem in problems)
        try:
            # somebody else's file, which a spreadsheet opens again
            csv.writer(self._file).writerow([line, reason, *map(harmless, cells)])
        except OSError as error:
            raise self._unwritable(self._path, error) from error

    def close(self) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as error:
            raise self._unwritable(self._file.name, error) from error

    def _open(self, path: Path) -> TextIO:
        try:
            file = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            raise self._unwritable(path, error) from error
        csv.writer(file).writerow([LINE, REASON, *self._header])
        return file

    @staticmethod
    def _unwritable(path: object, error: OSError) -> Refused:
        return Refused(
            f"The rejected lines cannot be written to {path} ({error.strerror}). Name another file "
            "with --rejects, or make room."
        )
