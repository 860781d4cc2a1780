"""Turns of duty: who has it, and when it is handed over.

A turn begins when the wall clock of the rotation's zone shows the handoff time, so in the week of a
clock change one turn is an hour shorter or longer than the others. Turns go on without end in both
directions from the first one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from engine.flows.field_types import ClockTime, refused
from engine.flows.problems import Code, shown
from engine.local_time import is_zone, local_date, local_instant
from engine.people import Directory

_DAYS: Final = {"daily": 1, "weekly": 7}
# Nobody plans so many turns ahead; the limit keeps a mistaken question short.
MOST_TURNS: Final = 5000
Turns = Literal["daily", "weekly"]
Member = Annotated[str, Field(strict=True, min_length=1, max_length=320)]


class Turn(NamedTuple):
    """From one handoff until the next; `member` is as written in the rotation."""

    starts_at: datetime
    ends_at: datetime
    member: str


class Override(NamedTuple):
    """Somebody who has the duty from `starts_at` until just before `ends_at`, whoever's turn it is.

    Of several that overlap the last one counts: it was written later.
    """

    starts_at: datetime
    ends_at: datetime
    person: int | str

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


def _zone(value: str) -> str:
    if not is_zone(value):
        message = f'{shown(value)} is not a time zone; write a name such as "Europe/Berlin".'
        raise refused(Code.BAD_VALUE, message)
    return value


def _day(value: object) -> object:
    # YAML reads an unquoted date as one
    return (
        value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
    )


class WrittenOverride(BaseModel):
    """`from` and `until` are times on the wall clock of the rotation's zone, unless they say
    another one. `who` is written as a member is; overrides entered meanwhile hold a user's id."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_: datetime = Field(alias="from")
    until: datetime
    who: Member | int


class Rotation(BaseModel):
    """Members take turns in the order written. `starts` is the day of the first turn, and for
    weekly turns its weekday is the one of every handoff. `every` turns of one day or week go to the
    same member. `overrides` are dated in the file; those made meanwhile come as `more`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    turns: Turns = "weekly"
    every: int = Field(default=1, strict=True, ge=1, le=52)
    starts: Annotated[date, BeforeValidator(_day)]
    handoff: ClockTime = "09:00"
    zone: Annotated[str, Field(strict=True), AfterValidator(_zone)]
    members: tuple[Member, ...] = Field(min_length=1, max_length=100)
    overrides: tuple[WrittenOverride, ...] = Field(default=(), max_length=500)

    def with_overrides(self, more: Sequence[Override]) -> Rotation:
        """The same, with those that people entered since the policy was published; they count
        before the written ones."""
        entered = (
            WrittenOverride.model_construct(from_=one.starts_at, until=one.ends_at, who=one.person)
            for one in more
        )
        return self.model_copy(update={"overrides": (*self.overrides, *entered)})

    def dated(self) -> tuple[Override, ...]:
        """All overrides; of those that overlap the last one counts."""
        return tuple(
            Override(self._instant(one.from_), self._instant(one.until), one.who)
            for one in self.overrides
        )

    def turn_at(self, at: datetime) -> int:
        """The number of the turn of this instant; 0 is the first one."""
        day = local_date(at, self.zone)
        if at < self.handoff_on(day):
            day -= timedelta(days=1)
        return (day - self.starts).days // self._days

    def starts_of(self, turn: int) -> datetime:
        return self.handoff_on(self.starts + timedelta(days=turn * self._days))

    def handoff_on(self, day: date) -> datetime:
        return local_instant(day, time.fromisoformat(self.handoff), self.zone)

    @property
    def _days(self) -> int:
        return _DAYS[self.turns] * self.every

    def _instant(self, wall: datetime) -> datetime:
        if wall.tzinfo is not None:
            return wall
        return local_instant(wall.date(), wall.time(), self.zone)


def on_duty(rotation: Rotation, at: datetime, directory: Directory) -> int | None:
    """Who has the duty at this instant; None when nobody of the rotation is there.

    An override goes first. Whoever is away or has left is passed over: the next members in turn
    follow, then those who stand in for the one whose turn it is.
    """
    for override in reversed(rotation.dated()):
        if override.covers(at):
            acting = _acting(override.person, at, directory)
            if acting is not None:
                return acting
    turn, members = rotation.turn_at(at), rotation.members
    for ahead in range(len(members)):
        person = find_person(members[(turn + ahead) % len(members)], directory)
        if person is not None and directory.is_present(person, at):
            return person
    return _acting(members[turn % len(members)], at, directory)


def handoffs(rotation: Rotation, from_: datetime, to: datetime) -> list[Turn]:
    """The turns that have a part between the two instants, in order; overrides and absences are not
    looked at."""
    return list(_turns(rotation, from_, to)) if from_ < to else []


def next_change(rotation: Rotation, after: datetime) -> datetime:
    """When the duty may next be somebody else's: a handoff, or an override that begins or ends."""
    moments = [rotation.starts_of(rotation.turn_at(after) + 1)]
    for override in rotation.dated():
        moments += [at for at in (override.starts_at, override.ends_at) if at > after]
    return min(moments)


def concerned(rotation: Rotation, directory: Directory) -> frozenset[int]:
    """Everybody who may have the duty some time."""
    written = (*rotation.members, *(one.who for one in rotation.overrides))
    found = (_id_of(one, directory) for one in written)
    return frozenset(one for one in found if one is not None)


def find_person(text: str, directory: Directory) -> int | None:
    """By address or by name, active people first."""
    if "@" in text:
        return directory.by_email(text)
    wanted = text.strip().casefold()
    found = [one for one in directory.people.values() if one.name.casefold() == wanted]
    return min(found, key=lambda one: (not one.active, one.id)).id if found else None


def _turns(rotation: Rotation, from_: datetime, to: datetime) -> Iterator[Turn]:
    first = rotation.turn_at(from_)
    for turn in range(first, first + MOST_TURNS):
        starts, ends = rotation.starts_of(turn), rotation.starts_of(turn + 1)
        if starts >= to:
            return
        yield Turn(starts, ends, rotation.members[turn % len(rotation.members)])


def _acting(who: int | str, at: datetime, directory: Directory) -> int | None:
    person = _id_of(who, directory)
    return None if person is None else directory.stands_in(person, at)


def _id_of(who: int | str, directory: Directory) -> int | None:
    return who if isinstance(who, int) else find_person(who, directory)
