"""Plans that know which arms of their splits have won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from engine.machines.plan import Plan

# (node, arm that won, all arms that were compared).
Winners: TypeAlias = Sequence[tuple[str, str, tuple[str, ...]]]


def with_winners(plan: Plan, winners: Winners) -> Plan:
    """The plan with the decisions that concern it: a version whose split has other arms than those
    that were compared goes on by chance.
    """
    held = {
        node: arm
        for node, arm, arms in winners
        if node in plan.contests
        and {one.name for one in plan.contests[node].contestants()} == {*arms}
    }
    return plan if plan.winners == held else replace(plan, winners=held)
