"""The ticket machine: status, two clocks, and what must be told of them.

Pure. The response clock counts until the first public answer of ours, the resolution clock until
the ticket is solved. Both stand still while the customer must answer. Every happening first lets
the clocks run up to its own moment, so a breach is told even when whoever should have looked came
late; and each mark of a clock is told once in a ticket's life.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias

from engine.local_time import Span, add_span
from engine.stopwatch import Stopwatch
from engine.working_time import NoWorkingTime, WorkingCalendar

Status: TypeAlias = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
STATUSES_BY_HAND: Final[tuple[Status, ...]] = ("open", "pending", "on_hold", "solved", "closed")
# We owe something. On hold others are waited for, which is nothing to the customer.
OURS: Final = ("new", "open", "on_hold")
_DONE: Final = ("solved", "closed")


class Clock(StrEnum):
    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a ticket is kept by: `limits` of each clock by priority, in working time of `calendar`
    (None: day and night)."""

    limits: Mapping[tuple[str, Clock], timedelta]
    alerts: tuple[int, ...]
    reopen_within: Span
    close_after: Span
    calendar: WorkingCalendar | None
    zone: str

    def limit(self, priority: str, clock: Clock) -> timedelta | None:
        return self.limits.get((priority, clock))


@dataclass(frozen=True, slots=True)
class TicketState:
    """`told` are the marks that were told: "response:75", "resolution:breach"."""

    status: Status
    priority: str
    response: Stopwatch = field(default_factory=Stopwatch)
    resolution: Stopwatch = field(default_factory=Stopwatch)
    told: frozenset[str] = frozenset()
    first_response_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0

    def watch(self, clock: Clock) -> Stopwatch:
        return self.response if clock is Clock.RESPONSE else self.resolution

    def clocks(self) -> dict[str, Any]:
        """The part that is kept as a document."""
        return {
            "response": self.response.as_json(),
            "resolution": self.resolution.as_json(),
            "told": sorted(self.told),
        }


@dataclass(frozen=True, slots=True)
class TimeCame:
    """Nothing but time has passed."""


@dataclass(frozen=True, slots=True)
class CustomerWrote:
    """The contact said something."""


@dataclass(frozen=True, slots=True)
class WeAnswered:
    """A public answer of ours; `then` is the status it leaves, the same where None."""

    then: Status | None = None


@dataclass(frozen=True, slots=True)
class StatusSet:
    to: Status


@dataclass(frozen=True, slots=True)
class PrioritySet:
    to: str


Happening: TypeAlias = TimeCame | CustomerWrote | WeAnswered | StatusSet | PrioritySet


@dataclass(frozen=True, slots=True)
class Alert:
    """So many percent of a target are over."""

    clock: Clock
    percent: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A target is over."""

    clock: Clock


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """Ours, the first the customer can read."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    was: Status
    now: Status


@dataclass(frozen=True, slots=True)
class TooLate:
    """What the customer said is about a ticket that was closed too long ago: it is a new one."""


Told: TypeAlias = Alert | Breach | FirstAnswer | StatusChanged | TooLate


@dataclass(frozen=True, slots=True)
class Step:
    state: TicketState
    told: tuple[Told, ...] = field(default=())


def opened(priority: str, at: datetime) -> TicketState:
    return _clocked(TicketState("new", priority), at, _EVERY_HOUR)


def with_clocks(state: TicketState, clocks: Mapping[str, Any] | None) -> TicketState:
    """`state` with the part that was kept as a document; without one both clocks stand at nothing
    until the next happening starts them."""
    known = clocks or {}
    return replace(
        state,
        response=Stopwatch.from_json(known.get("response", {})),
        resolution=Stopwatch.from_json(known.get("resolution", {})),
        told=frozenset(known.get("told", ())),
    )


def adopted(state: TicketState, at: datetime, terms: Terms) -> TicketState:
    """A ticket that nobody kept so far, such as an imported one: what is owed counts from now."""
    return _clocked(state, at, terms)


def after(state: TicketState, happening: Happening, at: datetime, terms: Terms) -> Step:
    """The next state. Statuses that are there already change nothing."""
    state, told = _run_up_to(state, at, terms)
    more: tuple[Told, ...] = ()
    match happening:
        case CustomerWrote():
            state, more = _customer_wrote(state, at, terms)
        case WeAnswered(then):
            state, more = _we_answered(state, then, at, terms)
        case StatusSet(to):
            state, more = _changed(state, to, at, terms)
        case PrioritySet(to):
            state = replace(state, priority=to)
    if isinstance(happening, PrioritySet):
        # a target that became shorter may be over already
        state, late = _run_up_to(state, at, terms)
        more = late
    return Step(state, (*told, *more))


def due(state: TicketState, terms: Terms) -> datetime | None:
    """When somebody must look again: the next mark of a clock, or the time to close."""
    if state.status == "solved" and state.solved_at is not None:
        return _closes_at(state.solved_at, terms)
    found = [at for clock in Clock for _, at in _marks_ahead(state, clock, terms)]
    return min(found, default=None)


def is_over(state: TicketState) -> bool:
    """Nothing of a closed ticket comes of itself."""
    return state.status == "closed"


def may_reopen(state: TicketState, at: datetime, terms: Terms) -> bool:
    since = state.closed_at or state.solved_at
    return since is None or at <= add_span(since, terms.reopen_within, terms.zone)


def _run_up_to(
    state: TicketState, at: datetime, terms: Terms
) -> tuple[TicketState, tuple[Told, ...]]:
    told: list[Told] = []
    for clock in Clock:
        passed = [mark for mark, when in _marks_ahead(state, clock, terms) if when <= at]
        if not passed:
            continue
        state = replace(state, told=state.told | {_name(clock, mark) for mark in passed})
        # an alert after the breach helps nobody
        last = passed[-1]
        told.append(Breach(clock) if last == _BREACH else Alert(clock, last))
    closes = None
    if state.status == "solved" and state.solved_at is not None:
        closes = _closes_at(state.solved_at, terms)
    if closes is not None and closes <= at:
        state, more = _changed(state, "closed", closes, terms)
        told += more
    return state, tuple(told)


_BREACH: Final = 100


def _marks_ahead(state: TicketState, clock: Clock, terms: Terms) -> Iterator[tuple[int, datetime]]:
    """Percents that were not told yet, ascending, each with its time; none of a clock that stands
    still. What lies before a breach that was told is past."""
    limit = terms.limit(state.priority, clock)
    watch = state.watch(clock)
    if limit is None or watch.running_since is None or _name(clock, _BREACH) in state.told:
        return
    for mark in (*sorted(terms.alerts), _BREACH):
        if _name(clock, mark) in state.told:
            continue
        try:
            when = watch.due(limit * mark / 100, terms.calendar, terms.zone)
        except NoWorkingTime:
            return
        if when is not None:
            yield mark, when


def _name(clock: Clock, mark: int) -> str:
    return f"{clock}:{'breach' if mark == _BREACH else mark}"


def _customer_wrote(
    state: TicketState, at: datetime, terms: Terms
) -> tuple[TicketState, tuple[Told, ...]]:
    if state.status in _DONE and not may_reopen(state, at, terms):
        return state, (TooLate(),)
    if state.status in ("new", "open"):
        return state, ()
    return _changed(state, "open", at, terms)


def _we_answered(
    state: TicketState, then: Status | None, at: datetime, terms: Terms
) -> tuple[TicketState, tuple[Told, ...]]:
    first: tuple[Told, ...] = ()
    if state.first_response_at is None:
        state = _clocked(replace(state, first_response_at=at), at, terms)
        first = (FirstAnswer(),)
    to: Status = then or ("open" if state.status == "new" else state.status)
    state, more = _changed(state, to, at, terms)
    return state, first + more


def _changed(
    state: TicketState, to: Status, at: datetime, terms: Terms
) -> tuple[TicketState, tuple[Told, ...]]:
    was = state.status
    if was == to:
        return state, ()
    reopens = was in _DONE and to not in _DONE
    state = replace(
        state,
        status=to,
        solved_at=None if to not in _DONE else state.solved_at or at,
        closed_at=at if to == "closed" else None,
        reopened=state.reopened + reopens,
    )
    return _clocked(state, at, terms), (StatusChanged(was, to),)


def _clocked(state: TicketState, at: datetime, terms: Terms) -> TicketState:
    """The clocks run or stand still as the status says."""
    ours = state.status in OURS
    answered = state.first_response_at is not None
    return replace(
        state,
        response=_set(state.response, ours and not answered, at, terms),
        resolution=_set(state.resolution, ours, at, terms),
    )


def _set(watch: Stopwatch, runs: bool, at: datetime, terms: Terms) -> Stopwatch:
    return watch.started(at) if runs else watch.paused(at, terms.calendar, terms.zone)


def _closes_at(solved_at: datetime, terms: Terms) -> datetime:
    return add_span(solved_at, terms.close_after, terms.zone)


# Starting a clock asks for no calendar.
_EVERY_HOUR: Final = Terms({}, (), Span(), Span(), None, "UTC")
