"""How a case goes on: state, happening and now give a new state and what follows from it.

Nothing is caught up with: a level whose time came while nobody looked is told now, and the time
before the next one begins now, so that those who are told have the time that the policy gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from engine.escalations.policy import Level, Policy, length_of
from engine.escalations.rotation import next_change
from engine.escalations.targets import Found, people_of, target_of, those_of
from engine.machines.escalation.happenings import (
    Acknowledged,
    Effect,
    Happening,
    Held,
    Opened,
    Over,
    Paused,
    Reassigned,
    Reopened,
    Resolved,
    Resumed,
    Skipped,
    StoodIn,
    Taken,
    Tell,
    TimeCame,
)
from engine.machines.escalation.state import Around, CaseState, HeldFor, Status
from engine.stopwatch import Stopwatch
from engine.working_time import NoWorkingTime, WorkingCalendar

# A case that is held or in hand is looked at once a day even when nobody is known to come back or
# go: people join teams and leave, and calendars are mended, without a date.
LOOK_AGAIN: Final = timedelta(days=1)
_AT_ONCE: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Course:
    """`due` is when the case is to be looked at next; None: only people move it."""

    state: CaseState
    effects: tuple[Effect, ...]
    due: datetime | None


def proceed(
    policy: Policy, state: CaseState, happening: Happening, around: Around, now: datetime
) -> Course:
    """What becomes of the case. A case that is over stays as it is, whatever happens."""
    if state.status.ended:
        return Course(state, (), None)
    going = _Going(policy, around, now, state)
    try:
        going.meet(happening)
        due = due_of(policy, going.state, around, now)
    except NoWorkingTime:
        # whoever has it keeps it, without an end to their time
        if going.state.status is not Status.ACKNOWLEDGED:
            going.hold(HeldFor.NO_WORKING_TIME)
        due = now + LOOK_AGAIN
    return Course(going.state, tuple(going.effects), due)


def due_of(policy: Policy, state: CaseState, around: Around, now: datetime) -> datetime | None:
    """When something may happen by itself. Raises NoWorkingTime."""
    if state.status.ended or state.paused:
        return None
    clocks = _Clocks(policy, state, around)
    if state.status is Status.OPEN:
        return _earliest(clocks.next_level(), clocks.repeat())
    if state.status is Status.ACKNOWLEDGED:
        by = [one for one in (state.acknowledged_by, state.stood_in_by) if one is not None]
        change = around.scene.directory.next_change(by, now)
        return _earliest(now + LOOK_AGAIN, clocks.expiry(), change)
    if state.held_for is HeldFor.UNANSWERED:
        return None
    return _earliest(now + LOOK_AGAIN, *_comings(policy, state, around, now))


@dataclass(slots=True)
class _Clocks:
    """The three clocks of a case with the calendars they go by."""

    policy: Policy
    state: CaseState
    around: Around

    def next_level(self) -> datetime | None:
        return self.state.watch.due(self.wait(), self.awaited(), self.around.zone)

    def repeat(self) -> datetime | None:
        repeat = self._repeats()
        if repeat is None:
            return None
        calendar = self.told()
        return self.state.repeating.due(length_of(repeat, calendar), calendar, self.around.zone)

    def expiry(self) -> datetime | None:
        span = self.policy.acknowledged_for
        if span is None:
            return None
        calendar = self.own()
        return self.state.holding.due(length_of(span, calendar), calendar, self.around.zone)

    def wait(self) -> timedelta:
        """How long after the level before the next one is told, or the round is over."""
        levels, index = self.policy.levels, self.state.next_level
        if index >= len(levels):
            return length_of(self.policy.wait, self.awaited())
        after = levels[index].after
        return _AT_ONCE if after is None else length_of(after, self.awaited())

    def awaited(self) -> WorkingCalendar | None:
        levels, index = self.policy.levels, self.state.next_level
        level = levels[index] if index < len(levels) else None
        return self.around.calendar(self.policy.clock_of(level))

    def told(self) -> WorkingCalendar | None:
        return self.around.calendar(self.policy.clock_of(self._told_level()))

    def own(self) -> WorkingCalendar | None:
        return self.around.calendar(self.policy.clock_of())

    def _repeats(self) -> str | None:
        level = self._told_level()
        if level is None or level.repeat is None or self.state.repeats >= level.repeat.times:
            return None
        return level.repeat.every

    def _told_level(self) -> Level | None:
        told = self.state.told_level
        return None if told is None else self.policy.levels[told]


@dataclass(slots=True)
class _Going:
    """One happening being worked out."""

    policy: Policy
    around: Around
    now: datetime
    state: CaseState
    effects: list[Effect] = field(default_factory=list)

    def meet(self, happening: Happening) -> None:
        match happening:
            case Opened():
                self._run()
            case TimeCame():
                pass
            case Acknowledged(by):
                if self.state.status is not Status.ACKNOWLEDGED:
                    self._taken(by, None)
                    if self.policy.once_taken_up == "resolve":
                        self._end(Status.RESOLVED, by)
            case Reassigned(to, by):
                self._taken(to, by)
            case Paused():
                self._stand_still()
                self.state = replace(self.state, paused=True)
            case Resumed():
                if self.state.paused:
                    self.state = replace(self.state, paused=False)
                    self._run()
            case Resolved(by):
                self._end(Status.RESOLVED, by)
        self._look()

    def hold(self, reason: HeldFor, level: int | None = None) -> None:
        news = self.state.held_for is not reason
        self._stand_still()
        self.state = replace(self.state, status=Status.HELD, held_for=reason)
        if news:
            self.effects.append(Held(reason, level))

    def _look(self) -> None:
        """Do what is due by now."""
        if self.state.paused or self.state.status.ended:
            return
        if self.state.status is Status.ACKNOWLEDGED:
            self._see_who_has_it()
        if self.state.status is Status.HELD:
            self._try_again()
        while self.state.status is Status.OPEN and self._is_due(self._clocks.next_level()):
            self._go_up()
        if self.state.status is Status.OPEN and self._is_due(self._clocks.repeat()):
            self._repeat()

    def _go_up(self) -> None:
        if self.state.next_level < len(self.policy.levels):
            self._tell_from(self.state.next_level)
        elif self.state.round < self.policy.rounds:
            self.state = replace(self.state, round=self.state.round + 1)
            self._tell_from(0)
        elif self.policy.at_the_end == "hold":
            self.hold(HeldFor.UNANSWERED)
        else:
            self._end(Status.UNANSWERED, None)

    def _tell_from(self, first: int) -> None:
        """Tell the first level from this one on that has anybody; the others are passed over."""
        for index in range(first, len(self.policy.levels)):
            people = self._people(index)
            if people:
                self.state = replace(
                    self.state, next_level=index + 1, tells=0, repeats=0, reached=True
                )
                self._tell(index, people)
                self._begin_to_wait()
                return
            if self.policy.levels[index].if_empty == "hold":
                self.state = replace(self.state, next_level=index)
                self.hold(HeldFor.NOBODY, index)
                return
            if self.state.status is not Status.HELD:
                self.effects.append(Skipped(self.state.round, index))
        self._nobody_left()

    def _nobody_left(self) -> None:
        if not self.state.reached and self.policy.if_nobody == "hold":
            self.state = replace(self.state, next_level=0)
            self.hold(HeldFor.NOBODY)
            return
        end = len(self.policy.levels)
        self.state = replace(self.state, next_level=end, tells=0, repeats=0)
        self._begin_to_wait()
        # nobody was told whom it could be repeated to
        self.state = replace(self.state, repeating=Stopwatch())

    def _try_again(self) -> None:
        """Somebody may have come back, and a calendar may have been mended."""
        if self.state.held_for is HeldFor.NOBODY:
            self._tell_from(self.state.next_level)
        elif self.state.held_for is HeldFor.NO_WORKING_TIME:
            self.state = replace(self.state, status=Status.OPEN)
            self._run()
            due_of(self.policy, self.state, self.around, self.now)
            self.state = replace(self.state, held_for=None)

    def _see_who_has_it(self) -> None:
        by = self.state.acknowledged_by
        if by is None:
            return
        acting = self.around.scene.directory.stands_in(by, self.now)
        if acting is None:
            self._let_go(Reopened(by, "away"))
            return
        deputy = None if acting == by else acting
        if deputy is not None and deputy != self.state.stood_in_by:
            self.effects.append(StoodIn(by, deputy))
        self.state = replace(self.state, stood_in_by=deputy)
        if self._is_due(self._clocks.expiry()):
            self._let_go(Reopened(by, "expired"))

    def _let_go(self, reopened: Reopened) -> None:
        """It goes on where it was, and those told last hear of it again."""
        self.effects.append(reopened)
        held_for = self.state.held_for
        self.state = replace(
            self.state,
            status=Status.HELD if held_for else Status.OPEN,
            acknowledged_by=None,
            stood_in_by=None,
            holding=Stopwatch(),
        )
        if held_for is HeldFor.UNANSWERED:
            self.effects.append(Held(held_for))
        if held_for is None:
            self._run()
            self._tell_again()

    def _repeat(self) -> None:
        self.state = replace(
            self.state,
            repeats=self.state.repeats + 1,
            repeating=Stopwatch().started(self.now),
        )
        self._tell_again()

    def _tell_again(self) -> None:
        """The people of the level told last, as they are now."""
        level = self.state.told_level
        people = () if level is None else self._people(level)
        if level is not None and people:
            self.state = replace(self.state, tells=self.state.tells + 1)
            self._tell(level, people)

    def _tell(self, level: int, people: Sequence[Found]) -> None:
        state, urgency = self.state, self.policy.levels[level].urgency
        self.effects.append(Tell(state.round, level, state.tells, tuple(people), urgency))

    def _people(self, level: int) -> list[Found]:
        found: dict[int, Found] = {}
        for text in self.policy.levels[level].to:
            for one in people_of(text, self.around.scene, self.now):
                found.setdefault(one.user_id, one)
        return list(found.values())

    def _taken(self, by: int, given_by: int | None) -> None:
        self._stand_still()
        self.state = replace(
            self.state,
            status=Status.ACKNOWLEDGED,
            acknowledged_by=by,
            stood_in_by=None,
            holding=Stopwatch(),
        )
        self._run()
        self.effects.append(Taken(by, given_by))

    def _end(self, status: Status, by: int | None) -> None:
        self._stand_still()
        self.state = replace(self.state, status=status, held_for=None, paused=False)
        self.effects.append(Over(status, by))

    def _begin_to_wait(self) -> None:
        fresh = Stopwatch().started(self.now)
        self.state = replace(
            self.state, status=Status.OPEN, held_for=None, watch=fresh, repeating=fresh
        )

    def _run(self) -> None:
        """Start the clocks that count in this status."""
        state = self.state
        if state.paused:
            return
        if state.status is Status.OPEN:
            running = state.repeating
            if state.told_level is not None:
                running = running.started(self.now)
            self.state = replace(state, watch=state.watch.started(self.now), repeating=running)
        elif state.status is Status.ACKNOWLEDGED:
            self.state = replace(state, holding=state.holding.started(self.now))

    def _stand_still(self) -> None:
        clocks, state, zone, now = self._clocks, self.state, self.around.zone, self.now
        self.state = replace(
            state,
            watch=state.watch.paused(now, clocks.awaited(), zone),
            repeating=state.repeating.paused(now, clocks.told(), zone),
            holding=state.holding.paused(now, clocks.own(), zone),
        )

    @property
    def _clocks(self) -> _Clocks:
        return _Clocks(self.policy, self.state, self.around)

    def _is_due(self, due: datetime | None) -> bool:
        return due is not None and due <= self.now


def _comings(
    policy: Policy, state: CaseState, around: Around, now: datetime
) -> list[datetime | None]:
    """When one of those who could be told may be there: they come back, or the duty changes."""
    scene = around.scene
    # only a level that holds is waited for alone
    level = policy.levels[state.next_level]
    levels = (level,) if level.if_empty == "hold" else policy.levels[state.next_level :]
    texts = [text for one in levels for text in one.to]
    people = {one for text in texts for one in those_of(text, scene)}
    turns = [
        rotation
        for text in texts
        if target_of(text).kind == "on_duty"
        and (rotation := scene.rotations.get(target_of(text).value)) is not None
    ]
    return [
        scene.directory.next_change(people, now),
        *(next_change(rotation, now) for rotation in turns),
    ]


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
