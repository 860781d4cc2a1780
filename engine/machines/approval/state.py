"""Where a request stands, as values and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from engine.approvals.model import Chain
from engine.people import Directory
from engine.stopwatch import Stopwatch
from engine.working_time import WorkingCalendar

Status = Literal[
    "open", "held", "returned", "approved", "rejected", "recalled", "timed_out", "cancelled"
]
Vote = Literal["approved", "rejected"]
ENDED: Final = frozenset({"approved", "rejected", "recalled", "timed_out", "cancelled"})


@dataclass(frozen=True, slots=True)
class Seat:
    """One voice of the present level. `had` are those who held it before, `told` who knows of it;
    `by` is who voted: the holder, who stands in for them, or an admin."""

    id: int
    holder: int
    weight: int = 1
    veto: bool = False
    deputy: int | None = None
    had: tuple[int, ...] = ()
    told: tuple[int, ...] = ()
    vote: Vote | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Asked back of the requester; `watch` counts how long the level has stood still for it."""

    by: int
    watch: Stopwatch


@dataclass(frozen=True, slots=True)
class State:
    """`path` are the keys of the levels it goes through, `at` the present one. `round` rises
    whenever a level begins, first or again. `watch` counts the working time of the level (of the
    wait for the requester while it is returned); `reminded` counts its reminders. `why` says what
    held or ended it; `agreed`: some level was approved by a person. `by` are those who ended it."""

    status: Status
    path: tuple[str, ...]
    at: int = 0
    round: int = 0
    seats: tuple[Seat, ...] = ()
    next_seat: int = 1
    watch: Stopwatch = field(default_factory=Stopwatch)
    reminded: int = 0
    question: Question | None = None
    why: str | None = None
    agreed: bool = False
    deadline: datetime | None = None
    by: tuple[int, ...] = ()
    # how many questions were asked back so far: tells them apart
    questions: int = 0

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def level(self) -> str:
        return self.path[self.at]

    @property
    def open_seats(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.vote is None)


@dataclass(frozen=True, slots=True)
class Here:
    """What the machine may know at one moment. `calendar` None counts time of the clock; `holds`
    answers the rules of the chain."""

    chain: Chain
    directory: Directory
    now: datetime
    calendar: WorkingCalendar | None = None
    zone: str = "UTC"
    requester: int | None = None
    owner: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    holds: Callable[[Mapping[str, Any]], bool] = lambda rule: True  # noqa: ARG005


About = Literal[
    "asked", "reminded", "held", "returned", "question", "answered", "withdrawn", "ended"
]


@dataclass(frozen=True, slots=True)
class Tell:
    """Somebody is to be told; the same `mark` of one request is told once."""

    user_id: int
    about: About
    mark: str


@dataclass(frozen=True, slots=True)
class Moved:
    """`refused` is a code, and then the state is as it was. `seat` is the voice that was used."""

    state: State
    tells: tuple[Tell, ...] = ()
    refused: str | None = None
    seat: Seat | None = None


def as_json(state: State) -> dict[str, Any]:
    return {
        "status": state.status,
        "path": list(state.path),
        "at": state.at,
        "round": state.round,
        "seats": [_seat_json(seat) for seat in state.seats],
        "next_seat": state.next_seat,
        "watch": state.watch.as_json(),
        "reminded": state.reminded,
        "question": state.question
        and {"by": state.question.by, "watch": state.question.watch.as_json()},
        "why": state.why,
        "agreed": state.agreed,
        "deadline": state.deadline and state.deadline.isoformat(),
        "by": list(state.by),
        "questions": state.questions,
    }


def from_json(stored: Mapping[str, Any]) -> State:
    question, deadline = stored.get("question"), stored.get("deadline")
    return State(
        status=stored["status"],
        path=tuple(stored["path"]),
        at=stored["at"],
        round=stored["round"],
        seats=tuple(_seat(seat) for seat in stored["seats"]),
        next_seat=stored["next_seat"],
        watch=Stopwatch.from_json(stored["watch"]),
        reminded=stored["reminded"],
        question=Question(question["by"], Stopwatch.from_json(question["watch"]))
        if question
        else None,
        why=stored.get("why"),
        agreed=stored["agreed"],
        deadline=datetime.fromisoformat(deadline) if deadline else None,
        by=tuple(stored["by"]),
        questions=stored.get("questions", 0),
    )


def _seat_json(seat: Seat) -> dict[str, Any]:
    return {
        "id": seat.id,
        "holder": seat.holder,
        "weight": seat.weight,
        "veto": seat.veto,
        "deputy": seat.deputy,
        "had": list(seat.had),
        "told": list(seat.told),
        "vote": seat.vote,
        "by": seat.by,
    }


def _seat(stored: Mapping[str, Any]) -> Seat:
    return Seat(
        stored["id"],
        stored["holder"],
        stored["weight"],
        stored["veto"],
        stored["deputy"],
        tuple(stored["had"]),
        tuple(stored["told"]),
        stored["vote"],
        stored["by"],
    )
