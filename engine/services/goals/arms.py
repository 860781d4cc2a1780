"""Remembering the arms that chance gave people, and who did what the arms are compared by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.runs import StandingRow
from crm_store.splits import ReachedBy, Taken, write_reached, write_taken
from engine.machines.journey import Passage
from engine.machines.plan import Plan


class Travelled(Protocol):
    """A run and its passes in this transaction."""

    @property
    def row(self) -> StandingRow: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def passages(self) -> Sequence[Passage]: ...


async def write_arms(
    session: AsyncSession, runs: Iterable[Travelled], reached: Iterable[ReachedBy], now: datetime
) -> None:
    """Both of what these runs did and of what was `reached` otherwise. Everybody takes these rows
    in one order, after contacts and before counters.
    """
    runs = list(runs)
    in_contests = [run for run in runs if run.plan.contests]
    # of every split, so that what each arm's people got can be told apart
    taken = [taken for run in runs for taken in _taken(run)]
    by_exit = [hit for run in in_contests for hit in _by_exit(run, now)]
    await write_taken(session, taken, now)
    await write_reached(session, [*reached, *by_exit])


def _taken(run: Travelled) -> Iterator[Taken]:
    row = run.row
    for entry in _moves(run):
        if "drawn" in entry.get("why", ()):
            yield Taken(
                row.flow_id, entry["node"], row.subject_id, row.flow_version_id, entry["exit"]
            )


def _by_exit(run: Travelled, now: datetime) -> Iterator[ReachedBy]:
    left = {(entry["node"], entry["exit"]) for entry in _moves(run)}
    for node, split in run.plan.contests.items():
        rule = split.winner
        if rule is not None and rule.metric == "exit" and (rule.node, rule.exit) in left:
            yield ReachedBy(run.row.flow_id, node, run.row.subject_id, now)


def _moves(run: Travelled) -> Iterator[dict[str, Any]]:
    for passage in run.passages:
        for entry in passage.entries:
            if entry["what"] == "moved":
                yield entry
