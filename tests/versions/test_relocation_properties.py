"""Whatever is edited and wherever people stand: nobody is lost, nobody gets anything twice."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.effects import Outcome
from engine.flows.migration import EXIT, LEAVE, RESTART, STAY, Answer, Deed, Pair, propose
from engine.flows.model import Flow
from engine.machines.relocation import Pinned, Relocated, Situation, Stays, Way, relocate
from tests.machines.flows_for_tests import Journey, flow_of, plan_of
from tests.machines.test_journey_properties import EXITS, SETTINGS
from tests.versions.edits import Author, Seeded

# She mostly goes on, so that she meets what comes later.
HAPPENINGS = ("go", "go", "go", "visited", "called", "refused", "country", "move", "move")
# A seed makes the whole story: drawn one by one, most flows and stories would be very short.
SEEDS = st.integers(0, 2**32)
LAST_STEPS = ["go"] * 24


class Traveller:
    """Ada going through versions of a flow, and what became of her on the way."""

    def __init__(self, first: Flow) -> None:
        self.ada = Journey(plan_of(first))
        self.flow, self.number = first, 1
        self.counts: Counter[tuple[int, str, str]] = Counter()
        self.asked_here = False
        self.began = self.ada.now
        self.sent: list[Any] = []
        self._told(lambda: self.ada.enter())

    def tell(self, happening: str) -> None:
        standing = self.ada.standing
        if standing.state != "active":
            return
        match happening:
            case "go" if self.asked_here:
                self._told(self.ada.answer)
            case "go" if standing.due_at is not None:
                self._told(self.ada.wait_until_due)
            case "visited" if "Visited" in standing.listens:
                self._told(lambda: self.ada.event("Visited"))
            case "called" if "Called" in standing.listens:
                self._told(lambda: self.ada.event("Called"))
            case "refused" if self.asked_here:
                self._told(lambda: self.ada.answer(Outcome.REFUSED))
            case "country":
                self.ada.facts = {"contact": {"country": "DE"}}

    def _told(self, tell: Any) -> None:
        passage = tell()
        for node, exit_ in passage.counts:
            self.counts[self.number, node, exit_] += 1
        self.asked_here = passage.asked is not None
        if passage.asked is not None:
            self.sent.append(passage.asked.ask["template"])
        self.began = self.ada.now

    def move(self, to: Flow, number: int, answers: dict[str, Answer] | None = None) -> bool:
        """Whether she stands in the new version, or is through."""
        standing = self.ada.standing
        if standing.state == "ended":
            return False
        pair, asked = Pair(self.flow, to), {standing.node: set(self._asked())}
        chosen = {one.node: one.answer for one in propose(pair, asked)} | (answers or {})
        plan = plan_of(to)
        found = relocate(
            Way(pair, plan, chosen, self.number, number),
            Situation(
                standing,
                self.began,
                at_door=False,
                has_open_ask=self.asked_here,
                asked=self._asked(),
            ),
            self.ada.facts,
            subject_id=7,
            now=self.ada.now,
            zone=self.ada.zone,
        )
        if isinstance(found, Pinned | Stays):
            return False
        assert isinstance(found, Relocated)
        for node, exit_ in found.left:
            self.counts[self.number, node, exit_] += 1
        for node, exit_ in found.entered:
            self.counts[number, node, exit_] += 1
        self.ada.standing = found.standing
        if not found.has_ended:
            self.ada.plan, self.flow, self.number = plan, to, number
        return not found.has_ended

    def _asked(self) -> dict[str, int]:
        asked: dict[str, int] = {}
        for node, visit in self.ada.asks():
            asked[node] = max(asked.get(node, 0), visit)
        return asked

    def check(self) -> None:
        """She stands on one node of her version and waits for something; the numbers agree."""
        standing = self.ada.standing
        assert standing.node in self.flow.nodes
        if standing.state == "active":
            assert standing.due_at is not None or standing.listens or self.asked_here
        inside = Counter[tuple[int, str]]()
        for (number, node, exit_), count in self.counts.items():
            inside[number, node] += count if exit_ == "" else -count
        here = {place: count for place, count in inside.items() if count}
        counted = standing.state != "ended" and not standing.arriving
        assert here == ({(self.number, standing.node): 1} if counted else {})


def story(chance: Seeded) -> list[str]:
    return [chance.pick(HAPPENINGS) for _ in range(chance.number(4, 16))] + LAST_STEPS


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_by_the_proposal_nobody_is_lost_and_nobody_gets_a_message_twice(seed: int) -> None:
    chance = Seeded(random.Random(seed))
    author = Author(chance)
    ada, number = Traveller(author.write()), 1
    for happening in story(chance):
        if happening == "move":
            number += 1
            ada.move(author.edit(), number)
        else:
            ada.tell(happening)
        ada.check()
    assert len(ada.sent) == len(set(ada.sent))
    assert len(ada.ada.asks()) == len(set(ada.ada.asks()))


def any_answers(chance: Seeded, old: Flow, new: Flow) -> dict[str, Answer]:
    """What somebody may write who does not care."""
    targets = [Answer(Deed.TO, name) for name in new.nodes]
    return {
        name: chance.pick([EXIT, RESTART, LEAVE, *targets, *[STAY] * 4 * (name in new.nodes)])
        for name in old.nodes
    }


def any_flow(chance: Seeded) -> Flow:
    """Any graph, loops and dead corners included; names come again in other versions."""
    ids = [f"n{number}" for number in range(chance.number(2, 6))]
    nodes = {}
    for id_ in ids:
        kind = chance.pick([*SETTINGS, "send_message"])
        nodes[id_] = (kind, SETTINGS[kind], {exit_: chance.pick(ids) for exit_ in EXITS[kind]})
    return flow_of(nodes)


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_whatever_the_plan_and_the_loops_nothing_is_asked_twice_from_one_visit(seed: int) -> None:
    chance = Seeded(random.Random(seed))
    ada, number = Traveller(any_flow(chance)), 1
    for happening in story(chance):
        if happening == "move":
            number, to = number + 1, any_flow(chance)
            ada.move(to, number, any_answers(chance, ada.flow, to))
        else:
            ada.tell(happening)
        ada.check()
    assert len(ada.ada.asks()) == len(set(ada.ada.asks()))
