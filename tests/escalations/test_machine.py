"""Any order of answers, pauses, absences and time: a case reaches a person or is visibly held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.machines.escalation import (
    Acknowledged,
    Course,
    Happening,
    Held,
    HeldFor,
    Opened,
    Over,
    Paused,
    Reassigned,
    Resolved,
    Resumed,
    Status,
    Tell,
    TimeCame,
)
from engine.people import Absence
from engine.working_time import working_time_between
from tests.escalations.company import (
    BEN,
    DORA,
    EVE,
    GIL,
    NINE_TO_SIX,
    Life,
    around,
    company,
)

FRIDAY = datetime(2026, 3, 27, 16, 50, tzinfo=UTC)
PEOPLE = st.sampled_from([BEN, EVE, GIL, DORA])
ZONE = "Europe/Berlin"

LEVELS = st.fixed_dictionaries(
    {
        "to": st.sampled_from(
            ["owner", "manager", "role:admin", "team:North", "fred@example.com", "team:South"]
        )
    },
    optional={
        "after": st.sampled_from(["1m", "2h", "1d"]),
        "repeat": st.fixed_dictionaries(
            {"every": st.sampled_from(["30m", "3h"]), "times": st.integers(1, 3)}
        ),
        "if_empty": st.sampled_from(["skip", "hold"]),
    },
)
POLICIES = st.fixed_dictionaries(
    {"levels": st.lists(LEVELS, min_size=1, max_size=3)},
    optional={
        "time": st.sampled_from(["working", "clock"]),
        "wait": st.sampled_from(["1h", "1d"]),
        "rounds": st.integers(1, 3),
        "once_taken_up": st.sampled_from(["keep", "keep", "resolve"]),
        "acknowledged_for": st.sampled_from(["1h", "9h"]),
        "at_the_end": st.sampled_from(["hold", "resolve"]),
    },
)


class Watched(Life):
    """Keeps a second count of the time since the last level was told."""

    spent = timedelta()
    last: datetime | None = None

    def meet(self, happening: Happening) -> Course:
        before, since = self.state, self.last or self.now
        if before.status is Status.OPEN and not before.paused and self.last is not None:
            self.spent += self.between(since)
        self.last = self.now
        course = super().meet(happening)
        told = any(isinstance(one, Tell) and one.telling == 0 for one in course.effects)
        if told or (self.state.next_level, self.state.round) != (before.next_level, before.round):
            self.spent = timedelta()
        return course

    def between(self, since: datetime) -> timedelta:
        if self.policy.time == "clock":
            return self.now - since
        return working_time_between(since, self.now, NINE_TO_SIX, ZONE)

    def counted(self) -> timedelta:
        calendar = None if self.policy.time == "clock" else NINE_TO_SIX
        return self.state.watch.spent_at(self.now, calendar, ZONE)


class Cases(RuleBasedStateMachine):
    life: Watched

    @initialize(policy=POLICIES)
    def opens(self, policy: dict[str, Any]) -> None:
        self.away: dict[int, Absence] = {}
        self.life = Watched(policy, around(), FRIDAY)
        self.life.meet(Opened())

    @rule(minutes=st.integers(0, 60 * 24 * 4))
    def time_passes(self, minutes: int) -> None:
        self.life.later(timedelta(minutes=minutes), TimeCame())

    @rule()
    def is_looked_at_too_early(self) -> None:
        before = self.life.state
        course = self.life.meet(TimeCame())
        if self.life.state.status is before.status is Status.OPEN:
            assert not any(isinstance(one, Tell) and one.telling == 0 for one in course.effects)

    @rule(by=PEOPLE)
    def acknowledges(self, by: int) -> None:
        self.life.meet(Acknowledged(by))

    @rule(to=PEOPLE, by=PEOPLE)
    def gives_away(self, to: int, by: int) -> None:
        self.life.meet(Reassigned(to, by))

    @rule()
    def pauses(self) -> None:
        self.life.meet(Paused())

    @rule()
    def resumes(self) -> None:
        self.life.meet(Resumed())

    @rule(by=st.none() | PEOPLE)
    def resolves(self, by: int | None) -> None:
        self.life.meet(Resolved(by))

    @rule(who=PEOPLE, days=st.integers(1, 9), deputy=st.none() | PEOPLE)
    def goes_away(self, who: int, days: int, deputy: int | None) -> None:
        """An absence that was known before: it begins when the case is next looked at."""
        now = self.life.now
        self.away[who] = Absence(who, now, now + timedelta(days=days), deputy)
        self.life.around = around(company(*self.away.values()))
        self.life.meet(TimeCame())

    @invariant()
    def ends_once_and_stays_so(self) -> None:
        ends = [effect for _, effect in self.life.log if isinstance(effect, Over)]
        assert len(ends) == self.life.state.status.ended
        if ends:
            assert self.life.due is None
            assert isinstance(self.life.log[-1][1], Over)

    @invariant()
    def each_level_is_told_once_a_round(self) -> None:
        told = [
            (one.round, one.level, one.telling) for _, one in self.life.log if isinstance(one, Tell)
        ]
        assert len(set(told)) == len(told)
        assert all(one.people for _, one in self.life.log if isinstance(one, Tell))

    @invariant()
    def is_moved_by_time_or_in_hand_or_visibly_held(self) -> None:
        state = self.life.state
        if state.status.ended or state.paused:
            return
        if state.status is Status.OPEN:
            assert self.life.due is not None
            assert self.life.due > self.life.now
        elif state.status is Status.ACKNOWLEDGED:
            assert state.acknowledged_by is not None
            directory = self.life.around.scene.directory
            assert directory.stands_in(state.acknowledged_by, self.life.now) is not None
        else:
            reasons = [one.reason for _, one in self.life.log if isinstance(one, Held)]
            assert state.held_for in reasons
            assert (self.life.due is None) == (state.held_for is HeldFor.UNANSWERED)

    @invariant()
    def nothing_ends_by_itself_before_anybody_was_told(self) -> None:
        if self.life.state.status is Status.UNANSWERED:
            assert any(isinstance(one, Tell) for _, one in self.life.log)

    @invariant()
    def no_time_is_lost_or_gained(self) -> None:
        state, life = self.life.state, self.life
        if not state.status.ended:
            since = life.last or life.now
            running = state.status is Status.OPEN and not state.paused
            assert life.counted() == life.spent + (life.between(since) if running else timedelta())

    @invariant()
    def it_is_the_same_when_read_from_its_row(self) -> None:
        assert type(self.life.state).from_json(self.life.state.as_json()) == self.life.state


TestCases = Cases.TestCase
TestCases.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
