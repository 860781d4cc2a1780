"""The journey machine: where a run stands + what happened + now -> where it stands next, and why.

Pure. The same function moves a thousand people in one transaction, one person on the virtual clock
of a simulation, and random flows in the property tests. It never waits and never asks the world:
it says what to wait for and what to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from engine.effects import Receipt
from engine.flows.goal import GOAL_OUTCOME
from engine.machines.plan import Plan, PlannedNode
from engine.rules import Facts
from engine.steps.base import Place
from engine.steps.because import as_document
from engine.steps.moves import Change, Decide, End, Hold, Leave, Move, Perform, Wait, Why
from engine.steps.questions import Question, Verdict
from engine.steps.spelled import spelled

# More hops in one pass than any flow drawn by a person needs. A loop without a wait reaches it; the
# static check refuses those, so this only guards against a check that overlooked one.
LONGEST_PASS = 100

State: TypeAlias = Literal["active", "held", "ended"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entered:
    """The run arrived on the node it stands on and the step was not asked yet."""

    why: Why = field(default_factory=dict)
    first: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The time the step waited for has come."""


@dataclass(frozen=True, slots=True)
class EventHappened:
    """An event the step listens to; `event` is the fact `event` of the rules."""

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class GoalReached:
    """The run reached its flow's goal, and leaves by it; one that is held leaves too."""

    why: Why = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """Our own records answered the question with which the last pass ended."""

    verdict: Verdict


Happening: TypeAlias = Entered | Due | EventHappened | Answered | GoalReached | Decided


class Standing(NamedTuple):
    """Where a run stands. `arriving` means the step on `node` has still to be asked.

    `memo` is the step's own; `visits` counts entries of nodes that lie on a loop. A named tuple,
    like the place a step is asked at: several are made per pass, and a frozen dataclass of as many
    fields takes four times as long.
    """

    node: str
    visit: int = 1
    state: State = "active"
    arriving: bool = False
    memo: Mapping[str, Any] = NOTHING
    visits: Mapping[str, int] = NOTHING
    due_at: datetime | None = None
    listens: tuple[str, ...] = ()
    outcome: str | None = None


class Asked(NamedTuple):
    """An effect row to be: unique by run, node and visit."""

    kind: str
    node: str
    visit: int
    ask: Mapping[str, Any]


@dataclass(slots=True)
class Passage:
    """What one pass did. `counts` holds (node, exit), with an empty exit for entering a node."""

    standing: Standing
    asked: Asked | None = None
    question: Question | None = None
    changes: list[tuple[str, int, Change]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: list[tuple[str, str]] = field(default_factory=list)
    # whether nobody will read the journal
    silent: bool = False

    def note(self, now: datetime, what: str, why: Why | None = None, **more: Any) -> None:
        if self.silent:
            return
        standing = self.standing
        more["at"] = spelled(now)
        more["node"] = standing.node
        more["visit"] = standing.visit
        more["what"] = what
        if why:
            more["why"] = dict(why)
        self.entries.append(more)


def start(plan: Plan) -> Standing:
    """Where a new run stands: on the first node, with the step still to be asked."""
    first = plan.flow.first
    visits = {first: 1} if plan.nodes[first].looping else {}
    return Standing(node=first, arriving=True, visits=visits)


def travel(
    plan: Plan,
    standing: Standing,
    happening: Happening,
    facts: Facts,
    *,
    subject_id: int,
    now: datetime,
    zone: str,
    silent: bool = False,
) -> Passage:
    """Take a run as far as it goes now. An ended or held run stays as it is.

    The pass stops at a wait, an ask, an end, a hold, or after a change to a record: rules after a
    change must read the changed facts, which only the next pass has. It stops at a question to our
    records, too: whoever writes the passage answers `passage.question` with what it changes and
    lets the run travel on by `Decided`, all in one transaction.
    """
    passage = Passage(standing, silent=silent)
    if standing.state != "active" and not leaves_by_goal(standing.state, happening):
        return passage
    traveller = Traveller(plan, passage, facts, subject_id, now, zone)
    traveller.begin(happening)
    return passage


def leaves_by_goal(state: State, happening: Happening) -> bool:
    """Whether this ends even a run that stands still."""
    return state == "held" and isinstance(happening, GoalReached)


@dataclass(slots=True)
class Traveller:
    plan: Plan
    passage: Passage
    facts: Facts
    subject_id: int
    now: datetime
    zone: str

    def begin(self, happening: Happening) -> None:
        passage = self.passage
        if isinstance(happening, Entered):
            passage.counts.append((passage.standing.node, ""))
            if happening.first:
                # the row of a new run does not say that its first node has been visited by now
                visits = start(self.plan).visits
                passage.standing = passage.standing._replace(visits=visits)
                passage.note(self.now, "entered", happening.why)
        elif isinstance(happening, EventHappened):
            passage.note(self.now, "woken", {"event": happening.event.get("name")})
        elif isinstance(happening, Answered):
            if not passage.silent:
                passage.note(self.now, "answered", _receipt_why(happening.receipt))
        elif isinstance(happening, GoalReached):
            if passage.standing.arriving:
                passage.counts.append((passage.standing.node, ""))
            self._end(End(GOAL_OUTCOME, happening.why))
            return
        elif isinstance(happening, Decided):
            self.go_on(self._first_move(happening))
            return
        if self.plan.exit_rule is None or not self._wants_out():
            self.go_on(self._first_move(happening))

    def go_on(self, move: Move) -> None:
        """From a first move as far as it leads."""
        for _ in range(LONGEST_PASS):
            if not isinstance(move, Leave):
                self._stay(move)
                return
            following = self._leave(move)
            if following is None:
                return
            move = following
        self._hold(
            Hold(
                "loop_without_wait",
                f"This run passed {LONGEST_PASS} nodes without waiting. Put a wait into the loop "
                "and publish, then move the run or end it.",
            )
        )

    def _wants_out(self) -> bool:
        rule = self.plan.exit_rule
        if rule is None or not rule.holds(self.facts, self.now, self.zone):
            return False
        why = {"rule": as_document(rule.explain(self.facts, self.now, self.zone))}
        self._end(End("exit_rule", why))
        return True

    def _first_move(self, happening: Happening) -> Move:
        here, step = self._place(), self.plan.nodes[self.passage.standing.node].step
        match happening:
            case Entered():
                return step.enter(here)
            case Due():
                return step.time_came(here)
            case EventHappened(event):
                return step.happened(here._replace(facts={**self.facts, "event": event}))
            case Answered(receipt):
                return step.answered(here, receipt)
            case GoalReached(why):
                return End(GOAL_OUTCOME, why)
            case Decided(verdict):
                return step.decided(here, verdict)

    def _stay(self, move: Wait | Perform | Decide | End | Hold) -> None:
        """Write down a move with which the pass ends."""
        match move:
            case Wait():
                self._wait(move)
            case Perform():
                self._perform(move)
            case Decide():
                self._ask_records(move)
            case End():
                self._end(move)
            case Hold():
                self._hold(move)

    def _leave(self, move: Leave) -> Move | None:
        """Write the move down; the next step's first move when the pass goes on."""
        passage, nodes = self.passage, self.plan.nodes
        left = passage.standing
        target = nodes[left.node].node.exits.get(move.by)
        if target is None or target not in nodes:
            self._hold(
                Hold(
                    "exit_leads_nowhere",
                    f'Exit "{move.by}" of "{left.node}" leads to no node. Publish a version that '
                    "connects it, then retry.",
                )
            )
            return None
        passage.counts.append((left.node, move.by))
        passage.note(self.now, "moved", move.why, exit=move.by, to=target)
        passage.standing = stands = self.standing_on(target)
        if move.changes or move.afresh or target in self.plan.paused:
            passage.changes += [(left.node, left.visit, change) for change in move.changes]
            passage.standing = Standing(
                target, stands.visit, arriving=True, visits=stands.visits, due_at=self.now
            )
            return None
        passage.counts.append((target, ""))
        return self.entering()

    def entering(self) -> Move:
        """What the step says to somebody who comes to the node."""
        return self._node().step.enter(self._place())

    def answered(self, receipt: Receipt) -> Move:
        return self._node().step.answered(self._place(), receipt)

    def standing_on(self, target: str) -> Standing:
        visits = self.passage.standing.visits
        # a person may have brought somebody back to where they were before, loop or not
        if not self.plan.nodes[target].looping and target not in visits:
            return Standing(target, visits=visits)
        visit = visits.get(target, 0) + 1
        return Standing(target, visit, visits={**visits, target: visit})

    def _wait(self, move: Wait) -> None:
        passage, stood = self.passage, self.passage.standing
        until, listens, memo, why = move
        passage.standing = Standing(
            stood.node, stood.visit, "active", False, dict(memo), stood.visits, until, listens
        )
        if passage.silent:
            return
        more: dict[str, Any] = {"until": spelled(until)} if until else {}
        if listens:
            more["listens"] = list(listens)
        passage.note(self.now, "waiting", why, **more)

    def _perform(self, move: Perform) -> None:
        passage, standing = self.passage, self.passage.standing
        visit, visits = standing.visit, standing.visits
        if move.again:
            visit += 1
            visits = {**visits, standing.node: visit}
        standing = Standing(standing.node, visit, memo=move.memo, visits=visits)
        passage.standing = standing
        passage.asked = Asked(move.effect.name, standing.node, standing.visit, dict(move.ask))
        passage.note(self.now, "asked", move.why, effect=move.effect.name)

    def _ask_records(self, move: Decide) -> None:
        """The run stands here until the same transaction answers; nothing else can be told it."""
        passage, standing = self.passage, self.passage.standing
        passage.standing = Standing(standing.node, standing.visit, visits=standing.visits)
        passage.question = move.question

    def _end(self, move: End) -> None:
        passage = self.passage
        passage.counts.append((passage.standing.node, f"({move.outcome})"))
        passage.standing = passage.standing._replace(
            state="ended",
            arriving=False,
            memo=NOTHING,
            due_at=None,
            listens=(),
            outcome=move.outcome,
        )
        passage.note(self.now, "ended", move.why, outcome=move.outcome)

    def _hold(self, move: Hold) -> None:
        passage = self.passage
        # the step was asked, and the arrival is counted: a retry must not count it once more
        passage.standing = passage.standing._replace(
            state="held", arriving=False, due_at=None, listens=(), outcome=move.code
        )
        passage.note(self.now, "held", {"code": move.code, "message": move.message})

    def _node(self) -> PlannedNode:
        return self.plan.nodes[self.passage.standing.node]

    def _place(self) -> Place:
        plan, standing = self.plan, self.passage.standing
        planned = plan.nodes[standing.node]
        # by position: a place is made for every question, and names would double its price
        return Place(
            plan.flow.name,
            standing.node,
            standing.visit,
            self.subject_id,
            plan.flow.purpose,
            self.now,
            self.zone,
            standing.memo,
            self.facts,
            planned.rules,
            planned.formulas,
            plan.winners.get(standing.node),
            plan.calendars,
            planned.fills,
        )


def _receipt_why(receipt: Receipt) -> Why:
    why: dict[str, Any] = {"outcome": receipt.outcome.value}
    if receipt.reason:
        why["reason"] = receipt.reason
    if receipt.message_id:
        why["message_id"] = receipt.message_id
    return why
