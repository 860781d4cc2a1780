"""What a person may do with a run that stands still: ask again, go on, go elsewhere, end.

Pure, like the journey. An ask that was answered is never made twice by mending: a retry tells the
step the answer that is there, and asks anew only where there is none or the ask was at fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from engine.effects import Outcome, Receipt
from engine.machines.journey import Passage, Standing, Traveller
from engine.machines.plan import Plan
from engine.rules import Facts
from engine.steps.moves import End, Leave

ENDED_BY_HAND: Final = "ended_by_hand"
MOVED_BY_HAND: Final = "(moved_by_hand)"


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask the step again."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Go on by this exit, without doing what the step does."""

    exit: str


@dataclass(frozen=True, slots=True)
class GoTo:
    """Stand on another node of the same version and begin there."""

    node: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run."""


Order: TypeAlias = Retry | Skip | GoTo | Stop


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked for a run so far: the highest visit per node with an ask, and the answer for
    where it stands.
    """

    visited: Mapping[str, int]
    receipt: Receipt | None = None


def why_not(plan: Plan, standing: Standing, order: Order) -> str | None:
    """The reason why an order makes no sense for a run that stands here; None when it does."""
    match order:
        case Skip(exit_) if exit_ not in plan.nodes[standing.node].node.exits:
            return f'"{standing.node}" has no exit "{exit_}"'
        case GoTo(node) if node not in plan.nodes:
            return f'this version of the flow has no node "{node}"'
    return None


def mend(
    plan: Plan,
    standing: Standing,
    order: Order,
    facts: Facts,
    *,
    done: Done,
    by: str,
    subject_id: int,
    now: datetime,
    zone: str,
) -> Passage:
    """Carry out an order that `why_not` has nothing against. An ended run stays ended."""
    if standing.state == "ended":
        return Passage(standing)
    visits = {**standing.visits, **done.visited}
    awake = standing._replace(
        state="active", outcome=None, due_at=None, listens=(), arriving=False, visits=visits
    )
    passage = Passage(awake)
    if standing.arriving:
        # held before its step was asked, so nobody has counted that it came here
        passage.counts.append((standing.node, ""))
    passage.note(now, "mended", {"how": type(order).__name__.lower(), "by": by})
    traveller = Traveller(plan, passage, facts, subject_id, now, zone)
    match order:
        case Retry():
            _retry(traveller, done)
        case Skip(exit_):
            traveller.go_on(Leave(exit_, {"by": by}))
        case GoTo(node):
            passage.counts.append((awake.node, MOVED_BY_HAND))
            passage.standing = traveller.standing_on(node)
            if node in plan.paused:
                passage.standing = passage.standing._replace(arriving=True, due_at=now)
                return passage
            passage.counts.append((node, ""))
            traveller.go_on(traveller.entering())
        case Stop():
            traveller.go_on(End(ENDED_BY_HAND, {"by": by}))
    return passage


def _retry(traveller: Traveller, done: Done) -> None:
    standing = traveller.passage.standing
    if done.receipt is not None and done.receipt.outcome is not Outcome.CANNOT:
        traveller.go_on(traveller.answered(done.receipt))
        return
    asked = done.visited.get(standing.node, 0)
    if asked >= standing.visit:
        visits = {**standing.visits, standing.node: asked + 1}
        traveller.passage.standing = standing._replace(visit=asked + 1, visits=visits)
    traveller.go_on(traveller.entering())
