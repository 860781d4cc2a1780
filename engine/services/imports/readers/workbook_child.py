"""A process of its own that reads one sheet of a workbook and prints its rows as JSON lines.

A workbook is a zip archive that may unpack to a hundred times its size, and its reader holds the
sheet in memory: here that memory is limited, and what goes wrong takes nothing else along.
Run as `python -I workbook_child.py FILE SHEET MEMORY_BYTES CPU_SECONDS`; SHEET may be empty.
"""

import json
import sys
from datetime import date, datetime, time, timedelta

WRONG_SHEET, UNREADABLE = 3, 4


def main(path: str, sheet: str, memory: str, seconds: str) -> int:
    _limit(int(memory), int(seconds))
    from python_calamine import (  # type: ignore[attr-defined,unused-ignore]
        CalamineError,
        CalamineWorkbook,
    )

    try:
        book = CalamineWorkbook.from_path(path)
        names = book.sheet_names
        if sheet and sheet not in names:
            _say({"sheets": names})
            return WRONG_SHEET
        if not names:
            _say({"error": "the workbook has no sheets"})
            return UNREADABLE
        rows = book.get_sheet_by_name(sheet or names[0])
        _say({"rows": rows.total_height, "first": rows.start[0] if rows.start else 0})
        for cells in rows.iter_rows():
            _say([_text(cell) for cell in cells])
    except CalamineError as error:
        _say({"error": str(error)[:300]})
        return UNREADABLE
    return 0


def _text(cell: object) -> str:
    """As a CSV file would spell it: numbers without a needless ".0", days without a time."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return "" if cell is None else str(cell)


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
