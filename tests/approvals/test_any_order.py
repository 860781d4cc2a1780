"""Whatever people do, in whatever order: a request is in one defined state, and ends in one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from engine.machines import approval
from engine.machines.approval.seating import acting
from engine.people import Absence
from tests.approvals.office import (
    BEN,
    DORA,
    EVE,
    FINN,
    GUS,
    HOPE,
    WEEK,
    Office,
    chain,
    directory,
    user,
)

EVERYBODY = (BEN, EVE, FINN, DORA, GUS, HOPE)
people = st.sampled_from(EVERYBODY)
spans = st.sampled_from([1, 5, 30, 100, 500]).map(lambda hours: timedelta(hours=hours))
approvers = st.lists(
    st.sampled_from(
        [
            user("eve"),
            user("gus", weight=2),
            user("hope", veto=True),
            user("ben"),
            user("gus", deputy="hope@example.com"),
            {"role": "sales_manager"},
            {"role": "viewer"},
            {"team": "North"},
            {"team_head": "requester"},
            {"manager_of": {"of": "requester", "levels": 2}},
            {"field": "owner"},
        ]
    ),
    min_size=1,
    max_size=3,
)
levels = st.fixed_dictionaries(
    {
        "approvers": approvers,
        "quorum": st.sampled_from(["any", "all", {"n_of": 2}, {"weighted": {"needed": 3}}]),
        "nobody": st.sampled_from(["manager", "skip", "hold"]),
    },
    optional={
        "veto": st.booleans(),
        "remind_every": st.just("4h"),
        "timeout": st.fixed_dictionaries(
            {
                "after": st.sampled_from(["4h", "2d"]),
                "then": st.sampled_from(
                    ["next_level", "deputy", "manager", "approve", "reject", "end"]
                ),
                "at_the_end": st.sampled_from(["approve", "reject", "end"]),
            }
        ),
    },
)


class AnyOrder(RuleBasedStateMachine):
    """`ends` are the states it was found ended in: there must be one at most."""

    office: Office

    @initialize(
        of=st.lists(levels, min_size=1, max_size=3),
        requester=st.sampled_from([BEN, EVE, DORA, None]),
        working=st.booleans(),
    )
    def begin(self, of: list[dict[str, Any]], requester: int | None, working: bool) -> None:
        self.absences: list[Absence] = []
        self.left: set[int] = set()
        self.votes: set[tuple[int, int]] = set()
        self.marks: set[str] = set()
        self.ended: Any = None
        office = Office(chain(*of), calendar=WEEK if working else None, requester=requester)
        self.office = office.open()
        self.seen()

    def seen(self) -> None:
        state = self.office.state
        if self.ended is not None:
            assert state == self.ended
        if state.ended:
            self.ended = state

    def act(self, moved: approval.Moved) -> None:
        before = self.office.state
        refused = self.office.took(moved)
        if refused is not None:
            assert moved.state == before
            assert not moved.tells
        self.seen()

    @rule(by=people, vote=st.sampled_from(["approved", "rejected"]))
    def votes_(self, by: int, vote: Any) -> None:
        before = self.office.state
        moved = approval.voted(before, self.office.here(), by, vote)
        if moved.refused is None:
            assert by != self.office.requester, "nobody decides their own request"
            assert by not in self.left
            assert (before.round, by) not in self.votes, "a decision counts once"
            self.votes.add((before.round, by))
            again = approval.voted(moved.state, self.office.here(), by, vote)
            if moved.state.round == before.round:
                assert again.refused in ("already_decided", "closed")
        self.act(moved)

    @rule(by=people, level=st.sampled_from(["level_1", "level_2", "level_3"]))
    def sends_back(self, by: int, level: str) -> None:
        self.act(approval.sent_back(self.office.state, self.office.here(), by, level))

    @rule(by=people)
    def returns(self, by: int) -> None:
        self.act(approval.returned(self.office.state, self.office.here(), by))

    @rule(by=people)
    def asks_back(self, by: int) -> None:
        self.act(approval.asked_back(self.office.state, self.office.here(), by))

    @rule(by=people)
    def answers(self, by: int) -> None:
        self.act(approval.answered(self.office.state, self.office.here(), by))

    @rule(by=people, to=people)
    def delegates(self, by: int, to: int) -> None:
        self.act(approval.delegated(self.office.state, self.office.here(), by, to))

    @rule(of=people, to=people)
    def hands_over(self, of: int, to: int) -> None:
        self.act(approval.reassigned(self.office.state, self.office.here(), of, to))

    @rule(by=people)
    def resubmits(self, by: int) -> None:
        self.act(approval.resubmitted(self.office.state, self.office.here(), by))

    @rule(by=people, really=st.integers(0, 9))
    def recalls(self, by: int, really: int) -> None:
        if really == 0:
            self.act(approval.recalled(self.office.state, self.office.here(), by))

    @rule(who=people, deputy=st.none() | people, starts=spans, lasts=spans)
    def enters_an_absence(
        self, who: int, deputy: int | None, starts: timedelta, lasts: timedelta
    ) -> None:
        begins = self.office.now + starts - timedelta(hours=5)
        self.absences.append(Absence(who, begins, begins + lasts, deputy))
        self.news()

    @rule(who=people, really=st.integers(0, 4))
    def leaves(self, who: int, really: int) -> None:
        if really == 0:
            self.left.add(who)
            self.news()

    @rule(span=spans)
    def time_goes_by(self, span: timedelta) -> None:
        self.office.until_ended(span)
        self.seen()

    def news(self) -> None:
        self.office.people = directory(*self.absences, left=frozenset(self.left))
        self.office.later()
        self.seen()

    @invariant()
    def is_in_one_defined_state(self) -> None:
        state, here = self.office.state, self.office.here()
        assert state.status in (
            *("open", "held", "returned"),
            *("approved", "rejected", "recalled", "timed_out", "cancelled"),
        )
        stored = approval.from_json(json.loads(json.dumps(approval.as_json(state))))
        assert stored == state
        due = approval.next_due(state, here)
        assert (due is None) is state.ended
        assert due is None or due > here.now

    @invariant()
    def nobody_holds_what_is_their_own(self) -> None:
        for seat in self.office.state.seats:
            assert self.office.requester not in (seat.holder, seat.by) or (
                self.office.requester is None
            )
            voices = [one.holder for one in self.office.state.open_seats]
            assert len(voices) == len(set(voices))

    @invariant()
    def somebody_or_a_clock_moves_it(self) -> None:
        state, here = self.office.state, self.office.here()
        if state.status != "open":
            return
        level = here.chain.level(state.level)
        present = any(acting(seat, state, here) is not None for seat in state.open_seats)
        holders = [seat.holder for seat in state.open_seats]
        back = here.directory.next_change(holders, here.now)
        assert present or level.timeout is not None or back is not None

    @invariant()
    def the_same_is_told_once(self) -> None:
        marks = [(tell.user_id, tell.mark) for tell in self.office.told]
        assert len(marks) == len(set(marks))

    @precondition(lambda self: all(level.timeout for level in self.office.chain.levels))
    @rule()
    def a_year_without_anybody_ends_it(self) -> None:
        """From wherever it is: a copy of it, with everybody away for a year."""
        office = Office(
            self.office.chain,
            now=self.office.now,
            calendar=self.office.calendar,
            requester=self.office.requester,
        )
        office.state = self.office.state
        until = office.now + timedelta(days=400)
        office.people = directory(
            *(Absence(one, office.now - timedelta(days=1), until) for one in EVERYBODY),
            left=frozenset(self.left),
        )
        office.until_ended(timedelta(days=365))
        assert office.state.ended
        assert office.state.status != "open"


AnyOrder.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_any_order = AnyOrder.TestCase
