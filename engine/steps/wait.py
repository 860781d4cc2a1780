"""Stay for a length of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.flows.mentions import Mention
from engine.flows.problems import Code
from engine.local_time import add_span
from engine.steps import moves
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Slug, SpanText, one_of, refused
from engine.steps.form import hints
from engine.steps.span_words import at_least, span_of, span_words
from engine.steps.spelled import spelled
from engine.steps.words import Words
from engine.steps.working import (
    DEFAULT_CALENDAR,
    WORKING_TIME,
    TimeKind,
    calendar_at,
    calendar_mentions,
    moment_or_hold,
    refuse_long,
)
from engine.working_time import add_working_time


@step(
    "wait",
    label=Words("Wait", "等待"),
    help=Words("Stay for a length of time, then go on.", "停留一段时间，然后继续。"),
    icon="hourglass_empty",
    exits=("passed",),
    exit_labels={"passed": Words("time has passed", "时间已到")},
)
class Wait(Step):
    """Days, weeks and months are counted on the contact's own calendar, hours always last an hour.

    "3d" from Friday 09:00 ends on Monday 09:00 where the contact lives, also across a clock change;
    "72h" ends after exactly 72 hours. In working time days are working days and hours are hours in
    which somebody works.
    """

    span: SpanText = Field(
        alias="for",
        title="For",
        description='How long, such as "3d", "2w", "1mo" or "90m".',
        json_schema_extra=hints("时长", "停留多久，例如 “3d”“2w”“1mo”“90m”。", "span"),
    )

    counting: Annotated[TimeKind, one_of(WORKING_TIME)] | None = Field(
        default=None,
        alias="in",
        title="Counting",
        description='"working_time" counts working days and hours only.',
        json_schema_extra=hints("计时", "“working_time” 仅计算工作日与工作时间。", "time_kind"),
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
    def _a_calendar_counts_working_time(self) -> Self:
        if self.calendar is not None and self.counting is None:
            raise refused(Code.MISSING_KEY, 'a "calendar" is for "in: working_time"; write both.')
        if self.counting is not None:
            refuse_long(span_of(self.span))
        return self

    def mentions(self) -> tuple[Mention, ...]:
        return calendar_mentions(self.calendar)

    def calendars(self) -> tuple[str, ...]:
        return () if self.counting is None else (self.calendar or DEFAULT_CALENDAR,)

    def summary(self) -> Words:
        span = span_words(span_of(self.span))
        if self.counting is None:
            return span
        return Words(f"{span.en} of working time", f"{span.zh}工作时间")

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        least = at_least(span_of(self.span))
        if self.counting is None:
            return least
        # the last of several working days may end earlier than the hour at which they began
        return max(least - timedelta(days=1), min(least, timedelta(minutes=15)))

    def enter(self, here: Place) -> moves.Move:
        if self.counting is not None:
            return self._in_working_time(here)
        until = add_span(here.now, span_of(self.span), here.zone)
        why = {"for": self.span, "zone": here.zone, "until": spelled(until)}
        return moves.Wait(until, why=why)

    def time_came(self, here: Place) -> moves.Move:
        return moves.Leave("passed")

    def _in_working_time(self, here: Place) -> moves.Move:
        calendar = calendar_at(here, self.calendar)
        if isinstance(calendar, moves.Hold):
            return calendar
        span = span_of(self.span)
        until = moment_or_hold(lambda: add_working_time(here.now, span, calendar, here.zone))
        if isinstance(until, moves.Hold):
            return until
        why = {
            "for": self.span,
            "in": self.counting,
            "calendar": self.calendar,
            "zone": calendar.zone_for(here.zone),
            "until": spelled(until),
        }
        return moves.Wait(until, why=why)
