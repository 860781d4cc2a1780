"""A date of a contact or of their deal comes round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from engine.dates.days_off import Shift
from engine.dates.occasions import NO_OFFSET, DateRule
from engine.dates.yearly import Calendar, LeapDay
from engine.flows.field_types import ClockTime, Line, OffsetText, SpanText, one_of, refused
from engine.flows.form import hints
from engine.flows.problems import Code, SettingProblem, did_you_mean
from engine.flows.triggers.base import Trigger, trigger
from engine.flows.words import Words
from engine.local_time import Span, is_zone, parse_span
from engine.rules import Catalogue, Type
from engine.rules.standard_facts.deal import STAGE_KINDS

CONTACTS_OWN: Final = "contact"
BIRTHDAY: Final = "birthday"
BIRTHDAY_CALENDAR: Final = "birthday_calendar"
OF_A_DEAL: Final = "deal."
LONGEST_OFFSET: Final = timedelta(days=366)
LONGEST_CATCH_UP: Final = timedelta(days=30)


class CalendarField(BaseModel):
    """Each contact's own calendar: the field says "lunar", or anything else for the Gregorian."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Line


@trigger(
    "date",
    label=Words("A date comes", "日期到来"),
    help=Words(
        "Everybody of whom a date comes, once or every year, so long before or after it, at a time "
        "of day where they live.",
        "某个日期到来的人：一次或每年，可提前或推后，按其当地时刻。",
    ),
    icon="cake",
)
class DateTrigger(Trigger):
    """Each person enters once for each year, or once for each date that comes only once, whatever
    is edited and however often anybody looks; see `engine.dates` for what counts as the day.
    """

    field: Line = Field(
        title="Date",
        description='A date of the contact or of a deal, such as "birthday" or '
        '"deal.expected_close_on".',
        json_schema_extra=hints("日期", "联系人或商机的日期字段，例如 “birthday”。", "date_field"),
    )
    yearly: bool = Field(
        default=False,
        strict=True,
        title="Every year",
        description="The day comes round every year, as a birthday does.",
        json_schema_extra=hints("每年", "该日子每年循环，例如生日。", "switch"),
    )
    offset: OffsetText | None = Field(
        default=None,
        title="Before or after",
        description='So many days from the date, such as "-P7D" for a week before it.',
        json_schema_extra=hints("偏移", "距该日期的天数，例如 “-P7D” 表示提前一周。", "offset"),
    )
    at: ClockTime = Field(
        default="09:00",
        title="At",
        description='The local time, such as "09:00".',
        json_schema_extra=hints("时刻", "当地时间，例如 “09:00”。", "clock_time"),
    )
    zone: Line = Field(
        default=CONTACTS_OWN,
        title="Time zone",
        description='Where it is that time: "contact", or one for all such as "Europe/Berlin".',
        json_schema_extra=hints(
            "时区", "“contact” 表示联系人所在时区，或统一的时区，例如 “Europe/Berlin”。", "text"
        ),
    )
    calendar: Annotated[Literal["gregorian", "lunar"] | CalendarField | None, Field()] = Field(
        default=None,
        title="Calendar",
        description='"gregorian", "lunar", or {field: …} for each contact\'s own; of a birthday '
        'left out, that is "birthday_calendar".',
        json_schema_extra=hints(
            "历法",
            "“gregorian” 公历、“lunar” 农历，或 {field: …} 按联系人字段；生日默认如此。",
            "calendar_kind",
        ),
    )
    leap_day: Annotated[
        Literal["28_feb", "1_mar", "leap_years_only"], one_of(*(one.value for one in LeapDay))
    ] = Field(
        default="28_feb",
        title="29 February",
        description='In other years on "28_feb" or "1_mar"; or "leap_years_only".',
        json_schema_extra=hints(
            "2 月 29 日", "平年在 “28_feb” 或 “1_mar”；或仅闰年 “leap_years_only”。", "leap_day"
        ),
    )
    shift: Annotated[Literal["none", "before", "after"], one_of(*(one.value for one in Shift))] = (
        Field(
            default="none",
            title="On days off",
            description='"before" or "after" moves it from weekends and holidays to a working day.',
            json_schema_extra=hints(
                "遇休息日", "“before” 提前或 “after” 推后到工作日；“none” 不移动。", "day_shift"
            ),
        )
    )
    country: Annotated[str, Field(strict=True)] = Field(
        default=CONTACTS_OWN,
        title="Holidays of",
        description='"contact" for the contact\'s country, or a country such as "SG".',
        json_schema_extra=hints(
            "节假日所属", "“contact” 表示联系人所在国家/地区，或如 “SG”。", "country"
        ),
    )
    deal_stage: Annotated[Literal["open", "won", "lost"], one_of(*STAGE_KINDS)] | None = Field(
        default=None,
        title="Only deals that are",
        description='Of a date of a deal: "open", "won" or "lost"; all of them when left out.',
        json_schema_extra=hints(
            "仅限商机",
            "商机：“open” 进行中、“won” 赢单或 “lost” 丢单；留空为全部。",
            "stage_kind",
        ),
    )
    when: Any = Field(
        default=None,
        title="Only when",
        description="A rule over the contact, asked when the time has come.",
        json_schema_extra=hints("仅当", "到时针对联系人判断的规则。", "rule"),
    )
    catch_up: SpanText = Field(
        default="P2D",
        title="At most so late",
        description="After an outage or a pause, who is later than this is left out this time.",
        json_schema_extra=hints("最多迟到", "故障或暂停之后，迟于此时长者本次不再进入。", "span"),
    )

    @field_validator("offset")
    @classmethod
    def _whole_days(cls, given: str | None) -> str | None:
        span = NO_OFFSET if given is None else parse_span(given)
        if span.seconds:
            raise refused(Code.BAD_SPAN, 'an offset is of whole days; "at" is the time of day.')
        if abs(_about(span)) > LONGEST_OFFSET:
            raise refused(Code.BAD_SPAN, "an offset is at most a year.")
        return given

    @field_validator("catch_up")
    @classmethod
    def _not_for_ever(cls, given: str) -> str:
        if _about(parse_span(given)) > LONGEST_CATCH_UP:
            raise refused(Code.BAD_SPAN, "what is more than 30 days late is not made up for.")
        return given

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, given: str) -> str:
        if given != CONTACTS_OWN and not is_zone(given):
            raise refused(
                Code.BAD_VALUE, f'"{given}" is no time zone; write "contact" or "Europe/Berlin".'
            )
        return given

    @field_validator("country")
    @classmethod
    def _country_code(cls, given: str) -> str:
        if given != CONTACTS_OWN and not (len(given) == 2 and given.isascii() and given.isupper()):
            raise refused(Code.BAD_VALUE, f'"{given}" is no country; write "contact" or "SG".')
        return given

    @model_validator(mode="after")
    def _calendars_are_for_years(self) -> Self:
        if not self.yearly and self.calendar is not None:
            raise refused(Code.BAD_VALUE, '"calendar" is for a date that comes every year.')
        return self

    @model_validator(mode="after")
    def _stages_are_of_deals(self) -> Self:
        if self.deal_stage is not None and not self.of_a_deal:
            raise refused(Code.BAD_VALUE, '"deal_stage" is for a date of a deal; leave it out.')
        return self

    @property
    def enters_every_time(self) -> bool:
        return True

    def late_by(self, entered_at: datetime) -> timedelta:
        """Nobody can tell any more: as long as it is made up for."""
        return _about(parse_span(self.catch_up))

    @property
    def of_a_deal(self) -> bool:
        return self.field.startswith(OF_A_DEAL)

    @property
    def calendar_field(self) -> str | None:
        """The contact's field that says by which calendar they count; None for one for all."""
        if isinstance(self.calendar, CalendarField):
            return self.calendar.field
        left_out = self.calendar is None and self.field == BIRTHDAY and self.yearly
        return BIRTHDAY_CALENDAR if left_out else None

    @property
    def one_calendar(self) -> Calendar:
        """That of everybody, where no field says it."""
        return Calendar.LUNAR if self.calendar == "lunar" else Calendar.GREGORIAN

    def date_rule(self) -> DateRule:
        return DateRule(
            at=time.fromisoformat(self.at),
            yearly=self.yearly,
            offset=parse_span(self.offset) if self.offset else NO_OFFSET,
            zone=None if self.zone == CONTACTS_OWN else self.zone,
            leap_day=LeapDay(self.leap_day),
            shift=Shift(self.shift),
            country=None if self.country == CONTACTS_OWN else self.country,
            catch_up=_about(parse_span(self.catch_up)),
        )

    def catalogue_problems(self, catalogue: Catalogue) -> Sequence[SettingProblem]:
        dates = dates_of(catalogue)
        found = []
        if self.field not in dates:
            message = f'"{self.field}" is no date; {did_you_mean(self.field, dates)}'
            found.append(SettingProblem(("field",), Code.UNKNOWN_FIELD, message))
        own = isinstance(self.calendar, CalendarField)
        texts = [n for n, fact in catalogue.records["contact"].items() if fact.type is Type.TEXT]
        if own and self.calendar_field not in texts:
            message = f'"{self.calendar_field}" is no text of a contact; '
            message += did_you_mean(str(self.calendar_field), texts)
            found.append(SettingProblem(("calendar", "field"), Code.UNKNOWN_FIELD, message))
        return found

    def summary(self) -> Words:
        offset = f" {self.offset}" if self.offset else ""
        every, each = (" every year", "每年 ") if self.yearly else ("", "")
        return Words(
            f"{self.field}{offset}{every}, at {self.at}",
            f"{each}{self.field}{offset} 当天 {self.at}",
        )


def dates_of(catalogue: Catalogue) -> list[str]:
    """Names such as "birthday", "custom.renewal_on" and "deal.expected_close_on"."""
    return [
        prefix + name
        for record, prefix in (("contact", ""), ("deal", OF_A_DEAL))
        for name, fact in _facts(catalogue, record).items()
        if fact.type in (Type.DATE, Type.DATETIME)
    ]


def _facts(catalogue: Catalogue, record: Any) -> Mapping[str, Any]:
    return catalogue.records[record]


def _about(span: Span) -> timedelta:
    """Its length, with months of 30 days."""
    return timedelta(days=span.days + span.months * 30, seconds=span.seconds)
