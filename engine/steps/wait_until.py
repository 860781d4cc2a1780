"""Stay until a time of day, or until a date of the contact comes near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from engine.dates.occasions import next_lunar
from engine.dates.yearly import Calendar
from engine.flows.mentions import Mention
from engine.flows.problems import Code, SettingProblem, did_you_mean
from engine.local_moments import EVERY_DAY, day_of, moment_near, next_opening, next_yearly
from engine.local_time import Span
from engine.rules import Catalogue, RecordKind
from engine.steps import moves
from engine.steps.base import Place, Step, step
from engine.steps.contact_dates import contact_date, date_fields, spelled
from engine.steps.field_types import ClockTime, Line, OffsetText, Slug, one_of, refused
from engine.steps.form import hints
from engine.steps.span_words import span_of
from engine.steps.words import Words
from engine.steps.working import (
    DEFAULT_CALENDAR,
    WORKING_TIME,
    TimeKind,
    calendar_at,
    calendar_mentions,
    moment_or_hold,
)
from engine.working_time import WorkingCalendar, next_on_a_working_day, next_working_instant

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ZH: Final = dict(zip(WEEKDAYS, "一二三四五六日", strict=True))
BIRTHDAY: Final = "birthday"
BIRTHDAY_CALENDAR: Final = "birthday_calendar"
CHANGED: Final = "Contact Updated"
NO_OFFSET: Final = Span()
# The moment may be near: so long it counts for the busiest week, where a stay of nothing would
# make a daily loop look endless.
_AT_LEAST: Final = timedelta(minutes=15)


@step(
    "wait_until",
    label=Words("Wait until", "等到"),
    help=Words(
        "Stay until a time of day where the contact lives, or until a date of theirs comes near.",
        "停留到联系人当地的某个时刻，或其某个日期临近时。",
    ),
    icon="schedule",
    exits=("reached", "missed"),
    exit_labels={
        "reached": Words("it is time", "时间到"),
        "missed": Words("date unknown or over", "日期未知或已过"),
    },
)
class WaitUntil(Step):
    """Without `date`: the next `at` on an allowed weekday; with `until` the two are opening hours,
    and who comes inside them goes on at once.

    With `date`: so far from a date of the contact, at a local time. The wait follows the date: when
    the field changes, or where the contact lives, the moment is worked out anew. A birthday comes
    round by the calendar that the contact keeps.
    """

    at: ClockTime | None = Field(
        default=None,
        title="At",
        description='The local time, such as "09:00"; needed unless working time begins.',
        json_schema_extra=hints(
            "时刻", "当地时间，例如 “09:00”；等待工作时间开始时可留空。", "clock_time"
        ),
    )
    until: ClockTime | None = Field(
        default=None,
        title="Until",
        description='Who comes between the two times goes on at once, such as "18:00".',
        json_schema_extra=hints(
            "截止", "在两个时刻之间到达的人立即继续，例如 “18:00”。", "clock_time"
        ),
    )
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = Field(
        default=(),
        title="Weekdays",
        description="Only on these days; every day when empty.",
        json_schema_extra=hints("星期", "仅限这些日子；留空表示每天。", "weekdays"),
    )
    date: Line | None = Field(
        default=None,
        title="Date",
        description='A date of the contact, such as "birthday" or "custom.renewal_on".',
        json_schema_extra=hints(
            "日期", "联系人的日期字段，例如 “birthday” 或 “custom.renewal_on”。", "date_field"
        ),
    )
    offset: OffsetText | None = Field(
        default=None,
        title="Before or after",
        description='How far from the date, such as "-3d" for three days before it.',
        json_schema_extra=hints("偏移", "距该日期多久，例如 “-3d” 表示提前三天。", "offset"),
    )
    yearly: bool = Field(
        default=False,
        strict=True,
        title="Every year",
        description="The day comes round every year, as a birthday does.",
        json_schema_extra=hints("每年", "该日子每年循环，例如生日。", "switch"),
    )

    counting: Annotated[TimeKind, one_of(WORKING_TIME)] | None = Field(
        default=None,
        alias="in",
        title="Counting",
        description='"working_time": until somebody works, or "at" of the next working day.',
        json_schema_extra=hints(
            "计时", "“working_time”：等到工作时间，或下一个工作日的 “at” 时刻。", "time_kind"
        ),
    )
    calendar: Slug | None = Field(
        default=None,
        title="Calendar",
        description="Whose working hours count; the default calendar when left out.",
        json_schema_extra=hints(
            "工作日历", "采用哪个日历的工作时间；留空为默认。", "calendar_picker"
        ),
    )

    @model_validator(mode="after")
    def _working_time_or_a_time(self) -> Self:
        if self.calendar is not None and self.counting is None:
            raise refused(Code.MISSING_KEY, 'a "calendar" is for "in: working_time"; write both.')
        if self.counting is None and self.at is None:
            raise refused(Code.MISSING_KEY, '"at" is missing.')
        if self.counting is not None and (self.until or self.weekdays or self.date):
            sentence = (
                'working time has its own days and hours; take out "until", "weekdays" and "date".'
            )
            raise refused(Code.BAD_VALUE, sentence)
        return self

    @model_validator(mode="after")
    def _one_way_of_waiting(self) -> Self:
        if self.date is None and (self.offset is not None or self.yearly):
            raise refused(Code.MISSING_KEY, '"offset" and "yearly" speak of a "date"; name it.')
        if self.date is not None and (self.until is not None or self.weekdays):
            raise refused(
                Code.BAD_VALUE,
                'with "date" there are no "until" and "weekdays"; put a second wait behind it.',
            )
        if len(set(self.weekdays)) < len(self.weekdays):
            raise refused(Code.BAD_VALUE, "a weekday is named twice.")
        if self.offset is not None and self.yearly:
            span = span_of(self.offset)
            if abs(span.months) * 31 + abs(span.days) > 366:
                raise refused(Code.BAD_SPAN, "a yearly offset is at most a year.")
        return self

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        name = settings.get("date")
        if not isinstance(name, str):
            return ()
        dates = date_fields(catalogue)
        if name in dates:
            return ()
        message = f'"{name}" is no date of a contact; {did_you_mean(name, dates)}'
        return (SettingProblem(("date",), Code.UNKNOWN_FIELD, message),)

    def records(self) -> tuple[RecordKind, ...]:
        return ("contact",) if self.date else ()

    def listens_to(self) -> tuple[str, ...]:
        return (CHANGED,) if self.date else ()

    def mentions(self) -> tuple[Mention, ...]:
        return calendar_mentions(self.calendar)

    def calendars(self) -> tuple[str, ...]:
        return () if self.counting is None else (self.calendar or DEFAULT_CALENDAR,)

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        goes_on_at_once = self.until is not None or self.date is not None or self.at is None
        return None if goes_on_at_once else _AT_LEAST

    def summary(self) -> Words:
        if self.date is not None:
            offset = f"{self.offset} " if self.offset else ""
            return Words(f"{offset}{self.date}, {self.at}", f"{offset}{self.date}，{self.at}")
        if self.counting is not None:
            at = f", {self.at}" if self.at else ""
            return Words(f"working time{at}", f"工作时间{at.replace(', ', '，')}")
        hours = f"{self.at}" if self.until is None else f"{self.at}–{self.until}"
        if not self.weekdays:
            return Words(hours, hours)
        days = [day for day in WEEKDAYS if day in self.weekdays]
        return Words(
            f"{' '.join(day.capitalize() for day in days)} {hours}",
            f"周{'、'.join(_ZH[day] for day in days)} {hours}",
        )

    def enter(self, here: Place) -> moves.Move:
        if self.date is not None:
            return self._until_date(here, self.date)
        if self.counting is not None:
            return self._until_work(here)
        moment = next_opening(
            here.now,
            opens=_clock(self.at),
            closes=None if self.until is None else _clock(self.until),
            weekdays={WEEKDAYS.index(day) for day in self.weekdays} or EVERY_DAY,
            zone=here.zone,
        )
        why = {"at": self.at, "zone": here.zone}
        if moment <= here.now:
            return moves.Leave("reached", why)
        return moves.Wait(moment, why=why)

    def time_came(self, here: Place) -> moves.Move:
        """The date is looked at once more: a change that nobody announced moved it as well."""
        if self.date is None or not self._has_moved(here, self.date):
            return moves.Leave("reached")
        return self.enter(here)

    def happened(self, here: Place) -> moves.Move:
        assert self.date is not None  # nothing else listens
        if self._has_moved(here, self.date):
            return self.enter(here)
        if here.memo.get("zone", here.zone) != here.zone:
            return self._somewhere_else(here, self.date)
        until = datetime.fromisoformat(here.memo["until"])
        return moves.Wait(until, (CHANGED,), here.memo, {"date": self.date, "unchanged": True})

    def _until_work(self, here: Place) -> moves.Move:
        calendar = calendar_at(here, self.calendar)
        if isinstance(calendar, moves.Hold):
            return calendar
        moment = moment_or_hold(lambda: self._next_work(here, calendar))
        if isinstance(moment, moves.Hold):
            return moment
        why = {"in": self.counting, "at": self.at, "zone": calendar.zone_for(here.zone)}
        return moves.Leave("reached", why) if moment <= here.now else moves.Wait(moment, why=why)

    def _next_work(self, here: Place, calendar: WorkingCalendar) -> datetime:
        if self.at is None:
            return next_working_instant(here.now, calendar, here.zone)
        return next_on_a_working_day(here.now, _clock(self.at), calendar, here.zone)

    def _until_date(self, here: Place, name: str) -> moves.Move:
        value = contact_date(here.facts, name)
        moment = None if value is None else _moment(self, value, here)
        why = {"date": name, "zone": here.zone}
        if moment is None or moment < here.now:
            return moves.Leave("missed", {**why, "reason": "unknown" if moment is None else "over"})
        memo = {
            "value": spelled(value),
            "calendar": _calendar(self, here).value,
            "zone": here.zone,
            "until": moment.isoformat(),
        }
        return moves.Wait(moment, (CHANGED,), memo, why)

    def _has_moved(self, here: Place, name: str) -> bool:
        """Whether the date is another one than the wait was made for."""
        calendar = _calendar(self, here).value
        value = spelled(contact_date(here.facts, name))
        return value != here.memo.get("value") or calendar != here.memo.get("calendar", calendar)

    def _somewhere_else(self, here: Place, name: str) -> moves.Move:
        """The contact moved: where the hour has struck already on that day, it is time."""
        move = self._until_date(here, name)
        if isinstance(move, moves.Leave) and move.why.get("reason") == "over":
            return moves.Leave("reached", move.why)
        return move


def _moment(wait: WaitUntil, value: date | datetime, here: Place) -> datetime | None:
    """None when the date never comes again."""
    day = day_of(value, here.zone)
    if day is None:
        return None
    offset = span_of(wait.offset) if wait.offset else NO_OFFSET
    at = _clock(wait.at)
    if not wait.yearly:
        return moment_near(day, offset, at, here.zone)
    if _calendar(wait, here) is Calendar.LUNAR:
        return next_lunar(day, offset, at, here.zone, here.now)
    return next_yearly(day, offset, at, here.zone, here.now)


def _calendar(wait: WaitUntil, here: Place) -> Calendar:
    """By which the date comes round: of a birthday, the one that the contact keeps."""
    if wait.yearly and wait.date == BIRTHDAY:
        contact = here.facts.get("contact") or {}
        if contact.get(BIRTHDAY_CALENDAR) == Calendar.LUNAR:
            return Calendar.LUNAR
    return Calendar.GREGORIAN


def _clock(text: str | None) -> time:
    return time.fromisoformat(text or "00:00")
