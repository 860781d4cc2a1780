"""Trying a drawn rule of work: who would be asked or told, and when; nothing is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from engine.approvals import Chain
from engine.escalations.policy import Policy
from engine.escalations.targets import Scene
from engine.local_time import parse_span
from engine.machines.approval import Here, State, acting
from engine.machines.approval.seating import seat_above, seats_of
from engine.machines.escalation import (
    Around,
    CaseState,
    Effect,
    Held,
    Opened,
    TimeCame,
    proceed,
)
from engine.stopwatch import Stopwatch, working_length
from engine.working_time import NoWorkingTime, WorkingCalendar

# Ten levels in ten rounds with repeats; a mistake ends here.
_MOST_STEPS: Final = 700


@dataclass(frozen=True, slots=True)
class Voice:
    """`acting_id` is who would speak for the holder now, None for nobody; `perhaps`: only if a
    rule of the chain holds of the record."""

    holder_id: int
    acting_id: int | None
    perhaps: bool


@dataclass(frozen=True, slots=True)
class AskedLevel:
    """`above`: nobody of the level is there, and a manager is asked instead. `until` is when its
    time would be over if it began now."""

    key: str
    voices: tuple[Voice, ...]
    above: bool
    until: datetime | None


def who_is_asked(here: Here, minor: int | None, currency: str) -> list[AskedLevel]:
    """The levels an amount goes through, each as if it began now."""
    chain: Chain = here.chain
    return [_level(here, key) for key in chain.levels_for(minor, currency)]


def _level(here: Here, key: str) -> AskedLevel:
    level = here.chain.level(key)
    seats = seats_of(level, here, 1)
    certain = {seat.holder for seat in seats_of(level, replace(here, holds=lambda rule: False), 1)}  # noqa: ARG005
    above = seat_above(level, here, 1) if not seats and level.nobody == "manager" else None
    found = (above,) if above is not None else seats
    state = State("open", (key,), seats=found)
    voices = [
        Voice(seat.holder, acting(seat, state, here), seat.holder not in certain and not above)
        for seat in found
    ]
    until = None
    if level.timeout is not None:
        until = _over(level.timeout.after, here.calendar, here.zone, here.now)
    return AskedLevel(key, tuple(voices), above is not None, until)


def _over(span: str, calendar: WorkingCalendar | None, zone: str, now: datetime) -> datetime | None:
    try:
        length = working_length(parse_span(span), calendar)
        return Stopwatch().started(now).due(length, calendar, zone)
    except NoWorkingTime:
        return None


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    effects: tuple[Effect, ...]


def what_happens(
    policy: Policy, scene: Scene, calendars: Mapping[str, WorkingCalendar], zone: str, now: datetime
) -> Sequence[Happened]:
    """A case opened now that nobody ever takes up, until it is held or over."""
    around = Around(scene, calendars, zone)
    course = proceed(policy, CaseState(), Opened(), around, now)
    found = [Happened(now, course.effects)] if course.effects else []
    for _ in range(_MOST_STEPS):
        held = any(isinstance(one, Held) for one in course.effects)
        if course.due is None or course.state.status.ended or held:
            break
        now = max(now, course.due)
        course = proceed(policy, course.state, TimeCame(), around, now)
        if course.effects:
            found.append(Happened(now, course.effects))
    return found
