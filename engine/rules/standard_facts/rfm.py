"""How recently, how often and for how much somebody bought: three scores of 1 to 5, and the band
that they fall into.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules.fact import Fact
from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import fact
from engine.rules.types import Label, Type

Scores = range


@dataclass(frozen=True, slots=True)
class Band:
    """A name for some scores. `monetary` None: whatever was spent, or when that is unknown."""

    name: str
    label: Label
    recency: Scores
    frequency: Scores
    monetary: Scores | None = None


LOW, HIGH, ANY_OFTEN = range(1, 3), range(4, 6), range(2, 4)

# The first band that fits is the one; together they leave no recency and frequency out.
BANDS = (
    Band("champion", Label("champion", "重要价值客户"), HIGH, HIGH, HIGH),
    Band("loyal", Label("loyal", "忠诚客户"), range(3, 6), HIGH),
    Band("potential_loyal", Label("potentially loyal", "潜力客户"), HIGH, ANY_OFTEN),
    Band("new", Label("new", "新客户"), range(5, 6), range(1, 2)),
    Band("promising", Label("promising", "有望客户"), range(4, 5), range(1, 2)),
    Band("need_attention", Label("needs attention", "需关注客户"), range(3, 4), ANY_OFTEN),
    Band("about_to_sleep", Label("about to sleep", "即将沉睡客户"), range(3, 4), range(1, 2)),
    Band("cannot_lose", Label("must not be lost", "重要挽留客户"), LOW, HIGH, HIGH),
    Band("at_risk", Label("at risk", "流失风险客户"), LOW, range(3, 6)),
    Band("hibernating", Label("hibernating", "沉睡客户"), range(2, 3), LOW),
    Band("lost", Label("lost", "已流失客户"), range(1, 2), LOW),
)


def band_of(recency: int, frequency: int, monetary: int | None) -> str:
    """The name of the band for scores of 1 to 5; `monetary` None counts as not high."""
    return next(
        band.name
        for band in BANDS
        if recency in band.recency
        and frequency in band.frequency
        and (band.monetary is None or monetary in band.monetary)
    )


def _score(name: str, en: str, zh: str) -> Fact:
    return fact(
        name,
        Type.NUMBER,
        en,
        zh,
        Origin.CUSTOMERS,
        Change.ORDERS_DAILY,
        follows=("order",),
    )


SCORES = (
    _score("recency_score", "recency (1 to 5)", "最近购买评分（1–5）"),
    _score("frequency_score", "frequency (1 to 5)", "购买频次评分（1–5）"),
    _score("monetary_score", "spending (1 to 5)", "消费金额评分（1–5）"),
    fact(
        "rfm_band",
        Type.TEXT,
        "RFM band",
        "RFM 分层",
        Origin.CUSTOMERS,
        Change.ORDERS_DAILY,
        values=tuple(band.name for band in BANDS),
        follows=("order",),
    ),
)
