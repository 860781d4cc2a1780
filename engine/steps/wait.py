"""Stay for a length of time."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from engine.local_time import add_span
from engine.steps import moves
from engine.steps.base import Place, Step, step
from engine.steps.field_types import SpanText
from engine.steps.form import hints
from engine.steps.span_words import at_least, span_of, span_words
from engine.steps.words import Words


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
    "72h" ends after exactly 72 hours.
    """

    span: SpanText = Field(
        alias="for",
        title="For",
        description='How long, such as "3d", "2w", "1mo" or "90m".',
        json_schema_extra=hints("时长", "停留多久，例如 “3d”“2w”“1mo”“90m”。", "span"),
    )

    def summary(self) -> Words:
        return span_words(span_of(self.span))

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        return at_least(span_of(self.span))

    def enter(self, here: Place) -> moves.Move:
        until = add_span(here.now, span_of(self.span), here.zone)
        why = {"for": self.span, "zone": here.zone, "until": until.isoformat()}
        return moves.Wait(until, why=why)

    def time_came(self, here: Place) -> moves.Move:
        return moves.Leave("passed")
