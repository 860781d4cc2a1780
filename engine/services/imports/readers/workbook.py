"""XLSX: one sheet, read by a process of its own within limits."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import Refused
from engine.services.imports.readers.table import Line, Table, usable_header
from engine.services.imports.readers.workbook_child import UNREADABLE, WRONG_SHEET

_CHILD = Path(__file__).with_name("workbook_child.py")
LARGEST_FILE = 128 * 1024 * 1024
# What a million rows of ten cells unpack to, with room to spare.
LARGEST_UNPACKED = 1024 * 1024 * 1024
MEMORY = 2 * 1024 * 1024 * 1024
CPU_SECONDS = 300


def open_workbook(path: Path, *, sheet: str | None, header: list[str] | None) -> Table:
    _refuse_bombs(path)
    rows = _Rows(path, sheet)
    try:
        if header is None:
            names = usable_header(next(rows).cells, path.name)
        else:
            names = usable_header(header, path.name)
    except StopIteration:
        raise Refused(f"{path.name} is empty: its sheet has no header and no rows.") from None
    return Table(names, rows, rows.total, rows.position, "XLSX")


def _refuse_bombs(path: Path) -> None:
    """Sizes as the archive states them; one that lies meets the child's limits."""
    if path.stat().st_size > LARGEST_FILE:
        raise Refused(
            f"{path.name} is larger than {LARGEST_FILE // 2**20} MiB. Save it as CSV, which is "
            "read line by line."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused(
            f"{path.name} is not an XLSX workbook. Open it where it came from and save it as XLSX "
            "or CSV."
        ) from error
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED:
        raise Refused(
            f"{path.name} unpacks to {unpacked / 2**20:,.0f} MiB, more than the "
            f"{LARGEST_UNPACKED // 2**20} MiB that are read. Save it as CSV."
        )


class _Rows(Iterator[Line]):
    def __init__(self, path: Path, sheet: str | None) -> None:
        self._name = path.name
        self._child = subprocess.Popen(
            [
                sys.executable,
                "-I",
                str(_CHILD),
                str(path),
                sheet or "",
                str(MEMORY),
                str(CPU_SECONDS),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        start = self._next()
        if not isinstance(start, dict) or "rows" not in start:
            self._fail(start)
        self.total = int(start["rows"])
        self._number = int(start["first"])
        self._given = 0

    def __next__(self) -> Line:
        while True:
            cells = self._next()
            if cells is None:
                self._finish()
                raise StopIteration
            if not isinstance(cells, list):
                self._fail(cells)
            self._number += 1
            self._given += 1
            if any(cell and not cell.isspace() for cell in cells):
                return Line(self._number, cells)

    def position(self) -> int:
        return self._given

    def _next(self) -> Any:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def _finish(self) -> None:
        if self._child.wait() != 0:
            self._fail(None)

    def _fail(self, said: Any) -> None:
        code = self._child.wait()
        if code == WRONG_SHEET and isinstance(said, dict):
            sheets = ", ".join(f'"{name}"' for name in said["sheets"])
            raise Refused(f"{self._name} has no sheet of that name; it has {sheets}.")
        if code == UNREADABLE and isinstance(said, dict):
            raise Refused(f"{self._name} cannot be read as a workbook: {said['error']}.")
        raise Refused(
            f"{self._name} needs more memory or time than a workbook is given "
            f"({MEMORY // 2**30} GiB, {CPU_SECONDS} s). Save it as CSV, which is read line by line."
        )

    def __del__(self) -> None:
        child = getattr(self, "_child", None)
        if child is None:
            return
        if child.poll() is None:
            child.kill()
        if child.stdout is not None:
            child.stdout.close()
        child.wait()
