"""What somebody wants to try, as typed, and as the simulation takes it. Pure.

Everything comes from a browser and is read again here; what is wrong is told at its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal, TypeAlias

from designer.i18n.translator import N_
from engine.errors import Problem, Refused
from engine.local_time import SpanRefused, local_instant, parse_span
from engine.services.simulating import Happens, Office, Question
from engine.simulate import Habit
from engine.simulate.surroundings import Approvals
from engine.steps.span_words import at_least

Whom: TypeAlias = Literal["contact", "segment"]
Which: TypeAlias = Literal["draft", "published"]
MOST_DAYS: Final = 400
MOST_PEOPLE: Final = 5_000
MOST_LINES: Final = 20
# A page waits for it, and the process has others to serve.
LONGEST: Final = timedelta(seconds=20)
_LONGEST_NAME: Final = 200
_PAIR: Final = re.compile(r"\s*([A-Za-z_][\w.-]{0,62})\s*=\s*(.*?)\s*")
_APPROVALS: Final[dict[str, Approvals]] = {
    "approved": "approved",
    "rejected": "rejected",
    "timed_out": "timed_out",
}
# Said at a field; the words are translated where they are shown.
CHOOSE_CONTACT: Final = N_("Choose the contact to try it with.")
WRITE_TIME: Final = N_("Write a day and a time, such as 2026-03-02 09:00.")
WRITE_DAYS: Final = N_("Write a number of days, from 1 to 400.")
WRITE_PEOPLE: Final = N_("Write how many people, from 1 to 5,000.")
WRITE_SPAN: Final = N_("Write a time span, such as 2d, 3h or 30m.")
NAME_EVENT: Final = N_("Name the event.")
WRITE_PAIRS: Final = N_("Write name = value, several with commas between.")
WRITE_PERCENT: Final = N_("Write a share from 1 to 100.")


@dataclass(slots=True)
class EventLine:
    """An event on the way: so long after the start, with `properties` such as "plan = trial"."""

    event: str = ""
    after: str = "0m"
    properties: str = ""


@dataclass(slots=True)
class HabitLine:
    """What a share of people do after each message, some time within a span."""

    event: str = "Message Opened"
    percent: str = "40"
    within: str = "6h"


@dataclass(slots=True)
class Asked:
    """`segment` "" is everybody; `day` and `clock` are on the company's clock."""

    day: str
    clock: str
    which: Which = "draft"
    whom: Whom = "contact"
    contact_id: int | None = None
    segment: str = ""
    people: str = "500"
    days: str = "30"
    events: list[EventLine] = field(default_factory=list)
    habits: list[HabitLine] = field(default_factory=list)
    afresh: bool = True
    by_policy: bool = True
    approvals: str = "approved"

    def question(self, zone: str, office: Office) -> Question:
        """Raises Refused with every problem at its place."""
        reader = _Reader(zone)
        question = reader.question(self, office)
        if reader.problems:
            raise Refused("This cannot be tried yet.", reader.problems)
        return question


@dataclass(slots=True)
class _Reader:
    zone: str
    problems: list[Problem] = field(default_factory=list)

    def question(self, asked: Asked, office: Office) -> Question:
        one = asked.whom == "contact"
        if one and asked.contact_id is None:
            self._wrong("/contact", CHOOSE_CONTACT)
        people = 1 if one else self._number("/people", asked.people, MOST_PEOPLE, WRITE_PEOPLE)
        return Question(
            start_at=self._start(asked.day, asked.clock),
            days=self._number("/days", asked.days, MOST_DAYS, WRITE_DAYS),
            people=people,
            audience=None if one else asked.segment or None,
            only=(asked.contact_id,) if one and asked.contact_id is not None else (),
            sample=not one,
            to_everybody=self._events(asked.events),
            habits=self._habits(asked.habits),
            by_policy=asked.by_policy,
            approvals=_APPROVALS.get(asked.approvals, "approved"),
            afresh=asked.afresh,
            default_zone=self.zone,
            first_listed=1 if one else 20,
            rendered=1 if one else 100,
            office=office,
            longest=LONGEST,
        )

    def _events(self, lines: list[EventLine]) -> list[Happens]:
        found = []
        for place, line in enumerate(lines[:MOST_LINES]):
            name = self._name(f"/events/{place}/event", line.event)
            after = self._span(f"/events/{place}/after", line.after)
            properties = self._properties(f"/events/{place}/properties", line.properties)
            found.append(Happens(after, name, properties))
        return found

    def _habits(self, lines: list[HabitLine]) -> list[Habit]:
        found = []
        for place, line in enumerate(lines[:MOST_LINES]):
            name = self._name(f"/habits/{place}/event", line.event)
            percent = self._number(f"/habits/{place}/percent", line.percent, 100, WRITE_PERCENT)
            found.append(Habit(name, percent, self._span(f"/habits/{place}/within", line.within)))
        return found

    def _start(self, day: str, clock: str) -> datetime:
        try:
            on = date.fromisoformat(day.strip())
            at = time.fromisoformat(clock.strip())
            if at.tzinfo is None and 1971 <= on.year <= 2200:
                return local_instant(on, at, self.zone)
        except ValueError:
            pass
        self._wrong("/start", WRITE_TIME)
        return datetime(2000, 1, 1, tzinfo=UTC)

    def _number(self, place: str, written: str, most: int, said: str) -> int:
        digits = written.replace(",", "").strip()
        if digits.isascii() and digits.isdigit() and len(digits) <= 9 and 1 <= int(digits) <= most:
            return int(digits)
        self._wrong(place, said)
        return 1

    def _name(self, place: str, written: str) -> str:
        name = written.strip()
        if not name or len(name) > _LONGEST_NAME:
            self._wrong(place, NAME_EVENT)
        return name

    def _span(self, place: str, written: str) -> timedelta:
        try:
            span = at_least(parse_span(written.strip() or "0m"))
        except SpanRefused:
            span = timedelta(days=-1)
        if timedelta() <= span <= timedelta(days=MOST_DAYS):
            return span
        self._wrong(place, WRITE_SPAN)
        return timedelta()

    def _properties(self, place: str, written: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in written.split(",") if written.strip() else ():
            pair = _PAIR.fullmatch(part)
            if pair is None or len(written) > 2_000:
                self._wrong(place, WRITE_PAIRS)
                return {}
            found[pair[1]] = _value(pair[2])
        return found

    def _wrong(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, "not_understood", message))


def _value(written: str) -> Any:
    """Numbers and yes or no as such; everything else, and what stands in quotes, is text."""
    if written in ("true", "false"):
        return written == "true"
    if re.fullmatch(r"-?\d{1,15}", written):
        return int(written)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,9}", written):
        return float(written)
    if len(written) > 1 and written[0] == written[-1] == '"':
        return written[1:-1]
    return written
