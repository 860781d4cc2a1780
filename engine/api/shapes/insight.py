"""What `/api/insight` and `/api/targets` answer. Amounts are minor units, times seconds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Shown


class IntervalShown(Shown):
    """Where the true value lies in 95 of 100 cases."""

    low: float
    high: float


class TookShown(Shown):
    """Seconds that half, three quarters and nine of ten cases took at most."""

    cases: int
    p50: float | None
    p75: float | None
    p90: float | None
    mean: float | None


class AmountsShown(Shown):
    """`weighted_minor` by the chances that the pipeline states, `measured_minor` by those of the
    last year; what is won is in neither. `without_rate` deals could not be converted."""

    currency: str | None
    deals: int
    amount_minor: int
    weighted_minor: int
    measured_minor: int
    won_deals: int
    won_minor: int
    without_rate: int


class ForecastGroupShown(Shown):
    """`period` is a month, "overdue", "later" or "undated". `base` is all in the base currency."""

    period: str
    key: str | None
    key_id: int | None
    base: AmountsShown
    amounts: list[AmountsShown]


class ChanceShown(Shown):
    """`measured` is the share of the `decided` deals of the last year that were won."""

    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    stated_percent: int
    measured: float | None
    interval: IntervalShown
    decided: int
    won: int
    is_used: bool


class ForecastShown(Shown):
    by: str
    base_currency: str
    months: list[str]
    groups: list[ForecastGroupShown]
    chances: list[ChanceShown]


class MonthSaidShown(Shown):
    """What was said on `day`, and what was won; in the base currency."""

    month: str
    day: date | None
    weighted_minor: int
    commit_minor: int
    best_case_minor: int
    everything_minor: int
    won_minor: int
    won_deals: int


class AccuracyShown(Shown):
    """`off`: the size of all errors by all that came; `bias`: above 0 where too much was said."""

    periods: int
    off: float | None
    bias: float | None


class ForecastAccuracyShown(Shown):
    base_currency: str
    months: list[MonthSaidShown]
    measures: dict[str, AccuracyShown]


class StageConversionShown(Shown):
    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    entered: int
    advanced: int
    dropped: int
    waiting: int
    advance_rate: float | None
    won: int
    lost: int
    win_rate: float | None
    win_interval: IntervalShown


class PassageShown(Shown):
    pipeline: str
    from_stage: str | None
    to_stage: str
    moves: int


class ConversionShown(Shown):
    stages: list[StageConversionShown]
    passages: list[PassageShown]


class DriftShown(Shown):
    trend: Literal["too_few", "unclear", "slower", "faster"]
    ratio: float | None


class SlowerShown(Shown):
    user_id: int
    name: str
    stays: int
    median_seconds: float


class ProposalShown(Shown):
    """`span` as one writes it in a definition; `kept` is the share of the cases that kept it."""

    span: str
    seconds: float
    kept: float
    cases: int


class BottleneckShown(Shown):
    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    wall: TookShown
    working: TookShown
    share: float
    drift: DriftShown
    before: TookShown
    slower: list[SlowerShown]
    proposed: ProposalShown | None
    in_working_time: bool


class BottlenecksShown(Shown):
    items: list[BottleneckShown]


class AgeBucketShown(Shown):
    from_days: int
    until_days: int | None
    deals: int
    base_minor: int
    without_rate: int


class StageAgesShown(Shown):
    """`usual_seconds`: nine of ten deals that left the stage had stood there that long at most."""

    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    usual_seconds: float | None
    buckets: list[AgeBucketShown]


class OldDealShown(Shown):
    model_config = ConfigDict(frozen=True, from_attributes=True, ser_json_timedelta="float")

    deal_id: int
    name: str
    pipeline: str
    stage: str
    owner_id: int | None
    owner: str | None
    currency: str | None
    amount_minor: int | None
    in_stage_seconds: timedelta = Field(validation_alias="in_stage")
    open_seconds: timedelta = Field(validation_alias="open_for")
    quiet_seconds: timedelta | None = Field(validation_alias="quiet_for")
    expected_close_on: date | None
    is_overdue: bool
    is_longer: bool | None


class AgingShown(Shown):
    base_currency: str
    stages: list[StageAgesShown]
    deals: list[OldDealShown]


class WonShown(Shown):
    currency: str
    priced: int
    amount_minor: int
    average_minor: int


class PerformanceShown(Shown):
    """`cycle` is from opening to winning, by the clock."""

    key: str | None
    key_id: int | None
    won: int
    lost: int
    win_rate: float | None
    win_interval: IntervalShown
    money: list[WonShown]
    base_minor: int
    without_rate: int
    cycle: TookShown
    open: int
    open_base_minor: int
    open_without_rate: int


class PerformancesShown(Shown):
    by: str
    base_currency: str
    items: list[PerformanceShown]


class ChainTimeShown(Shown):
    chain: str | None
    asked: int
    approved: int
    rejected: int
    open: int
    took: TookShown


class LevelTimeShown(Shown):
    chain: str | None
    level: str
    took: TookShown
    proposed: ProposalShown | None


class ApproverTimeShown(Shown):
    user_id: int
    name: str
    open: int
    took: TookShown


class ApprovalTimesShown(Shown):
    chains: list[ChainTimeShown]
    levels: list[LevelTimeShown]
    people: list[ApproverTimeShown]


class PolicyTimeShown(Shown):
    policy: str
    opened: int
    open: int
    held: int
    further: int
    took: TookShown


class PolicyTimesShown(Shown):
    items: list[PolicyTimeShown]


class TicketTimeShown(Shown):
    priority: str
    owner_id: int | None
    owner: str | None
    opened: int
    open: int
    reopened: int
    late_responses: int
    late_solutions: int
    rated: int
    score: float | None
    response: TookShown
    solution: TookShown


class TicketTimesShown(Shown):
    items: list[TicketTimeShown]


class TargetShown(Shown):
    """`share` is what was won by what was to be won."""

    id: int
    period: str
    unit: str
    starts_on: date
    owner_id: int | None
    owner: str | None
    team: str | None
    currency: str
    amount_minor: int
    won_deals: int
    won_minor: int
    without_rate: int
    share: float | None


class TargetsShown(Shown):
    items: list[TargetShown]


class TargetGiven(Given):
    """For a person, for a team, or for everybody where both are left out."""

    period: str = Field(pattern=r"^\d{4}-(Q[1-4]|0[1-9]|1[0-2])$", examples=["2026-03", "2026-Q1"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])
    amount_minor: int = Field(ge=0, le=2**53)
    owner: int | None = Field(default=None, ge=1, le=2**53)
    team: str | None = Field(default=None, max_length=200)


class TargetsGiven(Given):
    targets: list[TargetGiven] = Field(max_length=1_000)


class TargetsWritten(Shown):
    """How many are new or different now."""

    changed: int
