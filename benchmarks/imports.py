"""Contacts per second into an empty and into a full store, from CSV, on embedded PostgreSQL.

Arguments: the number of lines (default 100,000). Each line has eleven cells; the second run finds
nothing to change, the third changes a cell of every line.
"""

from __future__ import annotations

import asyncio
import csv
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._stack import machine_line, stack
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.demo import fill_demo
from engine.services.imports import ImportOrder, import_file

HEADER = [
    "external_id", "email", "phone", "first_name", "last_name", "country", "city", "language",
    "time_zone", "birthday", "lifecycle_stage",
]  # fmt: skip


def write_lines(path: Path, count: int, city: str) -> None:
    rnd = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(count):
            birthday = f"19{rnd.randrange(50, 99)}-0{rnd.randrange(1, 9)}-1{rnd.randrange(9)}"
            writer.writerow(
                [f"c{number}", f"first.last{number}@example.com", f"+6591{number:06}",
                 rnd.choice(("Ada", "Ben", "Cleo")), f"Name {rnd.randrange(5000)}", "SG", city,
                 "en", "Asia/Singapore", birthday, "lead"]
            )  # fmt: skip


async def timed(runtime: Runtime, path: Path, what: str) -> None:
    report = await import_file(runtime.store, SYSTEM, ImportOrder(path, "contacts"), runtime.now)
    counts = ", ".join(f"{count:,} {fate.value}" for fate, count in report.counts.items())
    print(f"{what:24} {report.lines / report.seconds:9,.0f} lines/s   ({counts})")


async def main(count: int) -> None:
    print(machine_line())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.csv"
        async with stack(working=False) as runtime:
            write_lines(path, count, "Singapore")
            print(f"{count:,} lines, {path.stat().st_size / 2**20:.0f} MiB of CSV")
            await timed(runtime, path, "into an empty store")
            await timed(runtime, path, "the same again")
            write_lines(path, count, "Penang")
            await timed(runtime, path, "every line changed")
    async with stack(working=False) as runtime:
        began = time.monotonic()
        counts = await fill_demo(runtime.store, count, 1, runtime.now())
        seconds = time.monotonic() - began
        print(
            f"{'demo data':24} {count / seconds:9,.0f} contacts/s "
            f"(with {counts.orders:,} orders; {seconds:.1f} s)"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory of this process: {peak / 2**10:.0f} MiB")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
