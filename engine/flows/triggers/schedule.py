"""A schedule fires, and everybody of an audience enters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from engine.dates.cron import Cron, CronRefused, last_firing, next_firings, parse_cron
from engine.dates.missed import Missed
from engine.flows.field_types import Line, SpanText, one_of, refused
from engine.flows.form import hints
from engine.flows.problems import Code, SettingProblem, did_you_mean
from engine.flows.triggers.base import Trigger, trigger
from engine.flows.words import Words
from engine.local_time import is_zone, parse_span
from engine.rules import Catalogue

LONGEST_CATCH_UP: Final = timedelta(days=30)


@trigger(
    "schedule",
    label=Words("On a schedule", "按计划"),
    help=Words(
        "At the times of a schedule everybody enters who is in a segment or fits a rule just then.",
        "在计划的时刻，让当时属于某分群或符合规则的所有人进入。",
    ),
    icon="event_repeat",
)
class ScheduleTrigger(Trigger):
    """Each firing lets its audience in once. A time that the clock skips fires at the first instant
    after the gap, a time that comes twice fires the first time only.
    """

    cron: Line = Field(
        title="Schedule",
        description='Minute, hour, day of the month, month, weekday, such as "0 9 * * mon".',
        json_schema_extra=hints(
            "计划", "分、时、日、月、星期，例如 “0 9 * * mon” 表示每周一 9 点。", "cron"
        ),
    )
    zone: Line = Field(
        title="Time zone",
        description='Whose clock is meant, such as "Asia/Singapore".',
        json_schema_extra=hints("时区", "以哪个时区的时钟为准，例如 “Asia/Singapore”。", "text"),
    )
    segment: Line | None = Field(
        default=None,
        title="Segment",
        description="The name of a saved segment; leave it out to write a rule.",
        json_schema_extra=hints("分群", "已保存分群的名称；留空则编写规则。", "segment_picker"),
    )
    when: Any = Field(
        default=None,
        title="When",
        description="A rule over contacts; with a segment, what must hold besides.",
        json_schema_extra=hints("条件", "针对联系人的规则；与分群同时给出时两者都须成立。", "rule"),
    )
    missed: Annotated[Literal["latest", "none", "all"], one_of(*(one.value for one in Missed))] = (
        Field(
            default="latest",
            title="After an outage",
            description='Of times missed: "latest" makes up for the last, "all" for each, "none".',
            json_schema_extra=hints(
                "故障之后",
                "错过的时刻：“latest” 只补最后一次，“all” 逐次补，“none” 不补。",
                "missed",
            ),
        )
    )
    catch_up: SpanText = Field(
        default="P1D",
        title="At most so late",
        description="What was missed longer ago than this is not made up for.",
        json_schema_extra=hints("最多迟到", "错过超过此时长的不再补。", "span"),
    )

    @field_validator("cron")
    @classmethod
    def _a_schedule(cls, given: str) -> str:
        try:
            return str(parse_cron(given))
        except CronRefused as error:
            raise refused(Code.BAD_VALUE, str(error)) from error

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, given: str) -> str:
        if not is_zone(given):
            raise refused(
                Code.BAD_VALUE, f'"{given}" is no time zone; write one such as "Asia/Singapore".'
            )
        return given

    @field_validator("catch_up")
    @classmethod
    def _not_for_ever(cls, given: str) -> str:
        span = parse_span(given)
        if timedelta(days=span.days + span.months * 30, seconds=span.seconds) > LONGEST_CATCH_UP:
            raise refused(Code.BAD_SPAN, "what is more than 30 days late is not made up for.")
        return given

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.segment is None and self.when is None:
            sentence = (
                'say whom it concerns: "segment", the name of a saved one, or "when", a rule.'
            )
            raise refused(Code.MISSING_KEY, sentence)
        return self

    @property
    def schedule(self) -> Cron:
        return parse_cron(self.cron)

    @property
    def within(self) -> timedelta:
        span = parse_span(self.catch_up)
        return timedelta(days=span.days + span.months * 30, seconds=span.seconds)

    @property
    def enters_every_time(self) -> bool:
        return True

    def late_by(self, entered_at: datetime) -> timedelta:
        due = last_firing(self.schedule, self.zone, entered_at)
        return timedelta(0) if due is None else entered_at - due

    @property
    def audience(self) -> Any:
        if self.segment is None:
            return self.when
        member = {"member_of": [self.segment]}
        return member if self.when is None else {"and": [member, self.when]}

    @property
    def entry_rule(self) -> Any:
        return self.audience

    def next_times(self, after: datetime, count: int = 5) -> tuple[datetime, ...]:
        return next_firings(self.schedule, self.zone, after, count)

    def catalogue_problems(self, catalogue: Catalogue) -> Sequence[SettingProblem]:
        if self.segment is None or self.segment in catalogue.segments:
            return ()
        meant = did_you_mean(self.segment, list(catalogue.segments))
        message = f'there is no segment "{self.segment}"; {meant}'
        return (SettingProblem(("segment",), Code.UNKNOWN_SEGMENT, message),)

    def summary(self) -> Words:
        return Words(f"at {self.cron} ({self.zone})", f"按计划 {self.cron}（{self.zone}）")

    @classmethod
    def written_rules(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        when = settings.get("when")
        return {} if when is None else {"when": when}
