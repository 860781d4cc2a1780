"""Segments of a million contacts: our SQL beside SQL written by hand.

    cadenza bench segments_in_sql [--contacts 1000000] [--fresh] [--only WORD] [--explain]

Fills an embedded PostgreSQL with two tags, three orders and five events for each contact (about
four minutes, once; it is kept for the next run), checks that both ways find the same ids, and takes
turns with them. Prints medians of the time until all ids are here, with the smallest in brackets,
and the CPU of the server, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psutil
import psycopg
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from benchmarks._segment_data import FOLDER, company
from benchmarks._segments import AIMS, CATALOGUE, SEGMENTS, Segment
from benchmarks._stack import machine_line
from engine.rules import parse
from engine.services.segments_query import all_ids_matching

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REPEATS = 5
DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it open

Query = tuple[str, Any]


@dataclass(frozen=True)
class Times:
    """Milliseconds, one for each turn."""

    wall: list[float]
    cpu: list[float]

    def __str__(self) -> str:
        wall, cpu = statistics.median(self.wall), statistics.median(self.cpu)
        return f"{wall:6.0f} ({min(self.wall):5.0f}) cpu {cpu:5.0f}"


def ours(segment: Segment) -> Query:
    """The rule's SQL, from the JSON on; what this takes is part of our time."""
    query = all_ids_matching(parse(segment.rule, CATALOGUE, event_rule=False), NOW)
    compiled = query.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), compiled.params


class Bench:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._server = psutil.Process(connection.info.backend_pid).parent()

    def ids(self, query: Query) -> list[int]:
        cursor = self._connection.execute(query[0], query[1], binary=True)
        return [row[0] for row in cursor.fetchall()]

    def turns(self, segment: Segment) -> tuple[Times, Times, int]:
        """Both ways after one another, so that what else the machine does hits both."""
        by_hand: Query = (segment.by_hand, None)
        found, expected = self.ids(ours(segment)), self.ids(by_hand)
        assert sorted(found) == sorted(expected), f"{segment.name}: other ids than by hand"
        results = Times([], []), Times([], [])
        ways: tuple[Callable[[], Query], ...] = (lambda: ours(segment), lambda: by_hand)
        for _ in range(REPEATS):
            for result, query in zip(results, ways, strict=True):
                before, started = self._cpu(), time.perf_counter()
                self.ids(query())
                result.wall.append((time.perf_counter() - started) * 1e3)
                time.sleep(0.02)  # workers are counted once the server has seen them end
                result.cpu.append((self._cpu() - before) * 1e3)
        return *results, len(found)

    def explain(self, segment: Segment) -> None:
        for query in (ours(segment), (segment.by_hand, None)):
            text, parameters = query
            for (line,) in self._connection.execute(f"EXPLAIN (ANALYZE) {text}", parameters):
                print(f"    {line}"[:180])

    def _cpu(self) -> float:
        """Seconds of the server and all its processes so far."""
        assert self._server is not None
        ended = self._server.cpu_times()
        used = ended.user + ended.system + ended.children_user + ended.children_system
        for process in self._server.children(recursive=True):
            times = process.cpu_times()
            used += times.user + times.system
        return float(used)


def run(segments: list[Segment], bench: Bench, *, explain: bool) -> None:
    ratios = []
    for segment in segments:
        here, there, matching = bench.turns(segment)
        wall = statistics.median(here.wall) / statistics.median(there.wall)
        cpu = statistics.median(here.cpu) / max(statistics.median(there.cpu), 1)
        ratios.append(wall)
        print(
            f"{segment.name:36} {segment.kind:6} {matching:8,}  ours {here}  by hand {there}"
            f"  ratio {wall:.2f} cpu {cpu:.2f}  aim {AIMS[segment.kind]:,}",
            flush=True,
        )
        if explain:
            bench.explain(segment)
    print(f"median ratio {statistics.median(ratios):.2f}, largest {max(ratios):.2f}")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--contacts", type=int, default=1_000_000)
    arguments.add_argument("--fresh", action="store_true", help="make the data anew")
    arguments.add_argument("--only", default="", help="segments whose name holds this")
    arguments.add_argument("--explain", action="store_true", help="print the plans")
    asked = arguments.parse_args()
    print(machine_line())
    print(f"data in {FOLDER}; ms: median (smallest) of {REPEATS} turns", flush=True)
    segments = [segment for segment in SEGMENTS if asked.only in segment.name]
    with company(asked.contacts, fresh=asked.fresh) as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            run(segments, Bench(connection), explain=asked.explain)


if __name__ == "__main__":
    main()
