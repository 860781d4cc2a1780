"""Writes `engine/dates/lunar_table.py`: `python -m tests.dates.write_lunar_table`.

lunar-python works the months out from the positions of sun and moon, a millisecond a day; the table
holds its answers for two hundred years in four kilobytes.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lunar_python import LunarYear, Solar

FIRST_YEAR, LAST_YEAR = 1900, 2100
PER_LINE = 10
TARGET = Path(__file__).parents[2] / "engine" / "dates" / "lunar_table.py"


@cache
def months_by_library(year: int) -> tuple[Any, ...]:
    return tuple(LunarYear.fromYear(year).getMonthsInYear())


def packed(year: int) -> int:
    """Leap month in bits 13-16 (0: none), in bit i whether month i has 30 days."""
    bits = 0
    for index, month in enumerate(months_by_library(year)):
        bits |= (month.getDayCount() == 30) << index
        if month.isLeap():
            bits |= -month.getMonth() << 13
    return bits


def module_text() -> str:
    first = months_by_library(FIRST_YEAR)[0].getFirstJulianDay()
    start = Solar.fromJulianDay(first)
    years = [f"0x{packed(year):05X}" for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    lines = [f"    {', '.join(years[i : i + PER_LINE])}," for i in range(0, len(years), PER_LINE)]
    return "\n".join(
        [
            '"""Lunar years, one number each; written by `tests/dates/write_lunar_table.py`.',
            "",
            "Bit i is set when month i (from 0, in order, the leap month among them) has 30",
            "days and not 29; bits 13 to 16 hold the number of the month that is followed by",
            "its leap month, or 0.",
            '"""',
            "",
            "from __future__ import annotations",
            "",
            "from datetime import date",
            "from typing import Final",
            "",
            f"FIRST_YEAR: Final = {FIRST_YEAR}",
            f"NEW_YEAR: Final = date({start.getYear()}, {start.getMonth()}, {start.getDay()})",
            "# fmt: off",
            "YEARS: Final = (",
            *lines,
            ")",
            "",
        ]
    )


if __name__ == "__main__":
    TARGET.write_text(module_text())
