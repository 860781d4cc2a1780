"""What becomes of the runs of a contact that turns out to be another one. Pure.

Nobody goes through a flow twice at once, and nobody comes in again by being merged: every entry key
of either contact stays taken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from crm_store.merging import MergedRun

MERGED = "merged"


@dataclass(frozen=True, slots=True)
class RunPlan:
    """`keys` are the entry keys of all runs that move, by id; `ends` those that are over by it,
    each with the run that goes on in its place; `freed` lose the slot that counts them."""

    keys: Mapping[int, str]
    ends: Mapping[int, int]
    freed: Collection[int] = field(default_factory=frozenset)


def plan_runs(
    keep: Sequence[MergedRun],
    lose: Sequence[MergedRun],
    lost_id: int,
    side_by_side: Collection[int],
) -> RunPlan:
    """Where both are inside the same flow, the run of the contact that stays goes on and the other
    one ends; so does a run whose entry the contact that stays has had already. Only flows in
    `side_by_side`, which people enter once for each occasion, go on with both.
    """
    taken = {(run.flow_id, run.entry_key): run for run in keep}
    inside = {run.flow_id: run for run in keep if run.state != "ended"}
    keys: dict[int, str] = {}
    ends: dict[int, int] = {}
    for run in lose:
        same_entry = taken.get((run.flow_id, run.entry_key))
        beside = None if run.flow_id in side_by_side else inside.get(run.flow_id)
        other = same_entry or beside
        if run.state != "ended" and other is not None:
            ends[run.id] = other.id
        keys[run.id] = run.entry_key if same_entry is None else _own(run, lost_id)
    open_ = frozenset(run.id for run in lose if run.state != "ended")
    return RunPlan(keys, ends, open_)


def _own(run: MergedRun, lost_id: int) -> str:
    """A key that nobody else has: no policy makes one that looks like it."""
    return f"{run.entry_key}#merged:{lost_id}:{run.id}"
