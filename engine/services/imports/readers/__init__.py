"""Opening a file of lines, whatever it is written in."""

from __future__ import annotations

from pathlib import Path

from engine.errors import NotFound, Refused
from engine.services.imports.mapping import Layout
from engine.services.imports.readers.delimited import open_delimited
from engine.services.imports.readers.fixed import by_blanks, by_position, open_fixed
from engine.services.imports.readers.table import Line, Table
from engine.services.imports.readers.workbook import open_workbook

# Text is streamed, so this is no limit of memory but of patience: some hours of work.
LARGEST_FILE = 8 * 1024**3

__all__ = ["LARGEST_FILE", "Line", "Table", "open_table"]


def open_table(path: Path, layout: Layout, *, largest: int = LARGEST_FILE) -> Table:
    """The table of a file; raises Refused with what to do when it cannot be one."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise NotFound(f"There is no file {path}, or it may not be read.") from error
    if not path.is_file():
        raise Refused(f"{path} is not a file.")
    if size == 0:
        raise Refused(f"{path.name} is empty.")
    if size > largest:
        raise Refused(
            f"{path.name} has {size / 2**30:,.1f} GiB; at most {largest / 2**30:,.1f} GiB are "
            "imported at once. Split it into several files."
        )
    kind = layout.format or ("xlsx" if path.suffix.lower() in (".xlsx", ".xlsm") else "csv")
    header = layout.names if not layout.header or kind in ("fixed", "blanks") else None
    try:
        match kind:
            case "xlsx":
                return open_workbook(path, sheet=layout.sheet, header=header)
            case "fixed":
                cut = by_position(layout.spans)
                return open_fixed(path, encoding=layout.encoding, header=layout.names, cut=cut)
            case "blanks":
                return open_fixed(
                    path, encoding=layout.encoding, header=layout.names, cut=by_blanks
                )
            case _:
                return open_delimited(
                    path, encoding=layout.encoding, delimiter=layout.delimiter, header=header
                )
    except PermissionError as error:
        raise Refused(f"{path} may not be read by this user.") from error
