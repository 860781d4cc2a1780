"""Bringing a run from one version of its flow to another: where it stands afterwards, and why.

Pure, like the journey. Nothing is asked of the world and no record is changed here: whoever is to
begin at a node arrives there, and the next pass asks its step. So a move can be taken back until
the person moved on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from engine.flows.migration import Answer, Deed, Fit, Pair
from engine.machines.journey import NOTHING, Standing, start
from engine.machines.plan import Plan
from engine.rules import Facts
from engine.steps.base import Place
from engine.steps.because import as_document
from engine.steps.moves import Hold, Wait

# The exit by which a node is left for another version; nobody finished there.
TO_ANOTHER_VERSION: Final = "(to_another_version)"
ENDED_BY_MOVE: Final = "ended_by_move"


@dataclass(frozen=True, slots=True)
class Way:
    """A plan to be carried out: both versions, and what becomes of people by node."""

    pair: Pair
    plan: Plan
    answers: Mapping[str, Answer]
    from_number: int
    to_number: int


@dataclass(frozen=True, slots=True)
class Situation:
    """A run and what is known of it beside its position.

    `at_door`: it has entered and its first step was not asked yet. `has_open_ask`: the world has
    not answered. `has_untold`: an answer or events were set aside for it. `asked` is the highest
    visit per node with an ask, `began` when the run came to stand where it stands.
    """

    standing: Standing
    began: datetime
    at_door: bool = False
    has_open_ask: bool = False
    has_untold: bool = False
    asked: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stays:
    """On the old version, as the plan says."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """Not now: the run has asked something, or has something to be told, in the old version."""

    reason: str


@dataclass(frozen=True, slots=True)
class Relocated:
    """Where the run stands now. `keeps_happening`: what it has still to be told stays with it.

    `left` and `entered` are counts of (node, exit) in the old and in the new version. An ended run
    ends in the old one.
    """

    standing: Standing
    entry: Mapping[str, Any]
    keeps_happening: bool = False
    left: tuple[tuple[str, str], ...] = ()
    entered: tuple[tuple[str, str], ...] = ()

    @property
    def has_ended(self) -> bool:
        return self.standing.state == "ended"


Relocation: TypeAlias = Stays | Pinned | Relocated


def relocate(
    way: Way, situation: Situation, facts: Facts, *, subject_id: int, now: datetime, zone: str
) -> Relocation:
    """What the plan makes of one run that is not over. `facts` are those the new version reads."""
    standing = situation.standing
    answer = way.answers.get(standing.node)
    if answer is None or answer.deed is Deed.LEAVE:
        return Stays()
    if situation.has_open_ask and standing.state == "active":
        return Pinned("asks")
    mover = _Mover(way, situation, answer, facts, subject_id, now, zone)
    return mover.move()


@dataclass(frozen=True, slots=True)
class _Mover:
    way: Way
    situation: Situation
    answer: Answer
    facts: Facts
    subject_id: int
    now: datetime
    zone: str

    def move(self) -> Relocation:
        here, answer = self.situation.standing, self.answer
        if answer.deed is Deed.EXIT:
            return self._pinned() or self._ended(ENDED_BY_MOVE)
        if self.situation.at_door:
            begun = start(self.way.plan)._replace(state=here.state, outcome=here.outcome)
            return self._relocated(begun._replace(due_at=here.due_at), keeps_happening=True)
        target = self.way.pair.target(here.node, answer)
        assert target is not None  # only leaving and ending have none
        if not self.way.pair.is_same_place(here.node, answer):
            return self._pinned() or self._goes_to(target)
        return self._stays_on(target)

    def _stays_on(self, target: str) -> Relocation:
        """The run goes on standing there, be it under another name."""
        here, asked = self.situation.standing, self.situation.asked
        has_asked_here = asked.get(here.node, 0) >= here.visit
        if target != here.node and has_asked_here:
            # what was asked is known by the node's name: under another it would be asked again
            return Pinned("asked_here")
        fit = self.way.pair.fit(here.node, self.answer)
        if fit is Fit.SAME:
            return self._wants_out() or self._kept(target)
        if pinned := self._pinned():
            return pinned
        if fit is Fit.ENTERED:
            anew = self._standing_on(target, anew=True)
            return self._relocated(self._held_or_arriving(anew))
        waits = here.state == "active" and not here.arriving and not has_asked_here
        if waits and (here.due_at is not None or here.listens):
            return self._wants_out() or self._recomputed(target)
        return self._wants_out() or self._kept(target)

    def _kept(self, target: str) -> Relocated:
        here = self.situation.standing
        kept = self._standing_on(target)._replace(
            state=here.state,
            arriving=here.arriving,
            memo=here.memo,
            due_at=here.due_at,
            listens=here.listens,
            outcome=here.outcome,
        )
        return self._relocated(kept, keeps_happening=True)

    def _recomputed(self, target: str) -> Relocated:
        """The wait as the new settings have it, counted from when it began."""
        standing = self._standing_on(target)
        move = self.way.plan.nodes[target].step.enter(self._place(standing))
        if isinstance(move, Hold):
            held = standing._replace(state="held", outcome=move.code)
            return self._relocated(held, why={"code": move.code, "message": move.message})
        if not isinstance(move, Wait):
            return self._relocated(standing._replace(arriving=True, due_at=self.now))
        waiting = standing._replace(memo=dict(move.memo), due_at=move.until, listens=move.listens)
        return self._relocated(waiting, why=move.why)

    def _goes_to(self, target: str) -> Relocated:
        anew = self._standing_on(target, anew=True)
        if self.answer.deed is Deed.RESTART:
            looping = self.way.plan.nodes[target].looping
            asked = {k: v for k, v in self.situation.asked.items() if k in self.way.plan.nodes}
            visits = {**asked, target: anew.visit} if looping or target in asked else asked
            anew = anew._replace(visits=visits)
        return self._relocated(anew._replace(arriving=True, due_at=self.now))

    def _held_or_arriving(self, standing: Standing) -> Standing:
        here = self.situation.standing
        if here.state == "held":
            return standing._replace(state="held", arriving=here.arriving, outcome=here.outcome)
        return standing._replace(arriving=True, due_at=self.now)

    def _standing_on(self, target: str, *, anew: bool = False) -> Standing:
        """The node of the new version with a visit that asked nothing yet, if it is entered anew.

        Visits are counted on under the new names.
        """
        here, nodes, asked = self.situation.standing, self.way.plan.nodes, self.situation.asked
        renames = self.way.pair.renames
        visits: dict[str, int] = {}
        for name, count in (*asked.items(), *here.visits.items()):
            for known in {name, renames.get(name, name)}:
                if known in nodes:
                    visits[known] = max(visits.get(known, 0), count)
        if anew:
            visit = visits.get(target, 0) + 1
        else:
            other = asked.get(target, 0) if target != here.node else 0
            visit = max(here.visit, other + 1) if other else here.visit
        if nodes[target].looping or target in visits:
            visits[target] = max(visits.get(target, 0), visit)
        return Standing(target, visit, visits=visits)

    def _pinned(self) -> Pinned | None:
        """A run that stands still for a person may go without being told."""
        untold = self.situation.has_untold and self.situation.standing.state == "active"
        return Pinned("untold") if untold else None

    def _wants_out(self) -> Relocated | None:
        """The new version's exit rule holds at once, as it does after an event."""
        rule, here = self.way.plan.exit_rule, self.situation.standing
        if rule is None or here.state != "active" or self.way.pair.old.exit_when == rule.document:
            return None
        if not rule.holds(self.facts, self.now, self.zone):
            return None
        why = {"rule": as_document(rule.explain(self.facts, self.now, self.zone))}
        return self._ended("exit_rule", why)

    def _ended(self, outcome: str, why: Mapping[str, Any] = NOTHING) -> Relocated:
        here = self.situation.standing
        ended = here._replace(
            state="ended", arriving=False, memo=NOTHING, due_at=None, listens=(), outcome=outcome
        )
        came = ((here.node, ""),) if here.arriving else ()
        entry = self._entry(here, "ended", why) | {"outcome": outcome}
        return Relocated(ended, entry, left=(*came, (here.node, f"({outcome})")))

    def _relocated(
        self, standing: Standing, *, keeps_happening: bool = False, why: Mapping[str, Any] = NOTHING
    ) -> Relocated:
        here = self.situation.standing
        return Relocated(
            standing,
            self._entry(standing, "version_moved", why),
            keeps_happening,
            left=() if here.arriving else ((here.node, TO_ANOTHER_VERSION),),
            entered=() if standing.arriving else ((standing.node, ""),),
        )

    def _entry(self, standing: Standing, what: str, why: Mapping[str, Any]) -> dict[str, Any]:
        way, here = self.way, self.situation.standing
        entry: dict[str, Any] = {
            "at": self.now.isoformat(),
            "node": standing.node,
            "visit": standing.visit,
            "what": what,
            "from_version": way.from_number,
            "to_version": way.to_number,
        }
        if standing.node != here.node:
            entry["was"] = here.node
        if standing.state == "active" and not standing.arriving:
            entry["began"] = self.situation.began.isoformat()
            if standing.due_at is not None:
                entry["until"] = standing.due_at.isoformat()
        if why:
            entry["why"] = dict(why)
        return entry

    def _place(self, standing: Standing) -> Place:
        planned = self.way.plan.nodes[standing.node]
        return Place(
            flow=self.way.plan.flow.name,
            node=standing.node,
            visit=standing.visit,
            subject_id=self.subject_id,
            purpose=self.way.plan.flow.purpose.value,
            now=self.situation.began,
            zone=self.zone,
            memo=NOTHING,
            facts=self.facts,
            rules=planned.rules,
            formulas=planned.formulas,
            winner=self.way.plan.winners.get(standing.node),
            calendars=self.way.plan.calendars,
            fills=planned.fills,
        )
