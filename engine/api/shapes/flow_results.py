"""What a flow brought about, against its holdout."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from engine.api.shapes.common import Shown


class IntervalShown(Shown):
    low: float
    high: float


class RevenueShown(Shown):
    """`amount_minor` is in minor units of the currency; `per_person_minor` spreads it over all
    people of the group.
    """

    currency: str
    amount_minor: int
    per_person_minor: float
    times: int


class GroupShown(Shown):
    """`base` is the revenue in the base currency; null while there is none, or an amount without a
    rate."""

    people: int
    runs: int
    reached: int
    rate: float
    interval: IntervalShown
    revenue: list[RevenueShown]
    base: RevenueShown | None


class LiftShown(Shown):
    """`apart` is the flow's rate less the holdout's; `relative` the same as a part of the holdout's
    rate, null when that is nothing.
    """

    says: Literal["too_few", "unclear", "more", "fewer"]
    apart: float
    apart_interval: IntervalShown
    relative: float | None
    relative_interval: IntervalShown | None


class ResultsShown(Shown):
    """`goal` is null for a flow without one, `lift` while a group is empty."""

    flow: str
    goal: Any
    confidence: float
    inside: GroupShown
    holdout: GroupShown
    lift: LiftShown | None


class ArmShown(Shown):
    name: str
    weight: int
    people: int
    reached: int
    rate: float


class ContestShown(Shown):
    """Arms that are compared. `against` is the evidence so far and `needed` what it must come to;
    `winner` is the arm that everybody goes by since `decided_at`.
    """

    node: str
    arms: list[ArmShown]
    holdout: list[ArmShown]
    leader: str | None
    against: float
    needed: float
    winner: str | None
    decided_at: datetime | None
    decided_by: str | None


class ContestsShown(Shown):
    items: list[ContestShown]
