"""Figures of sales work as charts: what is ahead, against targets, through the stages, how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from designer.components.chart import Chart, Series, money_in
from designer.i18n import N_
from designer.sales.cards import money_short
from designer.sales.words import CATEGORIES, in_language
from designer.sales_figures import period_words
from designer.visitor import Visitor
from engine.services.insight import Attainment, Bottleneck, Conversion, Forecast
from engine.services.insight.forecast import LATER, OVERDUE, UNDATED

SPLITS: Final[Mapping[str, str]] = {
    "all": N_("In all"),
    "owner": N_("Person"),
    "team": N_("Team"),
    "category": N_("Forecast category"),
}
# More colours are not told apart.
_MOST_KEYS: Final = 7
_DAY: Final = 86_400
_PERCENTILES: Final = (
    ("p50", N_("half of them")),
    ("p75", N_("three of four")),
    ("p90", N_("nine of ten")),
)


def forecast_chart(ahead: Forecast, targets: Sequence[Attainment], visitor: Visitor) -> Chart:
    """Month by month: what is won, and what is open by the chance of its stage."""
    t = visitor.t
    periods = periods_of(ahead)
    series = (
        _won_and_open(ahead, periods, targets, visitor)
        if ahead.by == "all"
        else _by_key(ahead, periods, visitor)
    )
    won = sum(one.base.won_minor for one in ahead.groups)
    expected = sum(one.base.expected_minor for one in ahead.groups)
    base = ahead.base_currency
    return Chart(
        t("Forecast by month"),
        "stacked",
        series,
        [period_words(one, visitor) for one in periods],
        t=t,
        unit=money_in(base),
        axis=t("Month"),
        said=t(
            "{sum} is to be expected, {won} of it is won already.",
            sum=money_short(expected, base, visitor),
            won=money_short(won, base, visitor),
        ),
        empty=t("No deal is open or won in these months."),
        file_name="forecast",
    )


def periods_of(ahead: Forecast) -> list[str]:
    """Every month, also an empty one; what lies outside of them only where something does."""
    found = {one.period for one in ahead.groups}
    return [
        *(one for one in (OVERDUE,) if one in found),
        *ahead.months,
        *(one for one in (LATER, UNDATED) if one in found),
    ]


def _won_and_open(
    ahead: Forecast, periods: Sequence[str], targets: Sequence[Attainment], visitor: Visitor
) -> list[Series]:
    t = visitor.t
    groups = {one.period: one.base for one in ahead.groups}
    series = [
        Series(t("Won"), [groups[p].won_minor if p in groups else 0 for p in periods]),
        Series(
            t("Open, weighted"),
            [groups[p].weighted_minor if p in groups else 0 for p in periods],
            "pale",
        ),
    ]
    goals = {
        one.period: one.amount_minor
        for one in targets
        if one.owner_id is None and one.team is None and one.currency == ahead.base_currency
    }
    if any(period in goals for period in periods):
        series.append(Series(t("Target"), [goals.get(period) for period in periods], "limit"))
    return series


def _by_key(ahead: Forecast, periods: Sequence[str], visitor: Visitor) -> list[Series]:
    """The largest ones each, all others together."""
    t = visitor.t
    values: dict[str | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in ahead.groups:
        values[one.key][one.period] += one.base.expected_minor
    largest = sorted(values, key=lambda key: -sum(values[key].values()))
    series = [
        Series(_key_words(key, ahead.by, visitor), [values[key][p] for p in periods])
        for key in largest[:_MOST_KEYS]
    ]
    rest = largest[_MOST_KEYS:]
    if rest:
        sums = [sum(values[key][period] for key in rest) for period in periods]
        series.append(Series(t("All others"), sums))
    return series


def _key_words(key: str | None, by: str, visitor: Visitor) -> str:
    t = visitor.t
    if key is None:
        return t("Nobody") if by in ("owner", "team") else t("None")
    if by == "category":
        return t(CATEGORIES[key]) if key in CATEGORIES else key
    return key


def conversion_chart(found: Conversion, visitor: Visitor) -> Chart | None:
    """How many came to each stage. Stages of several pipelines make no funnel."""
    t = visitor.t
    if len({one.pipeline for one in found.stages}) != 1:
        return None
    first = found.stages[0].entered if found.stages else 0
    won = found.stages[0].won if found.stages else 0
    return Chart(
        t("Through the stages"),
        "funnel",
        [Series(t("Deals that came"), [one.entered for one in found.stages])],
        [in_language(one.label, one.label_zh, t) for one in found.stages],
        t=t,
        axis=t("Stage"),
        said=t("Of {count} that began, {won} were won so far.", count=first, won=won),
        empty=t("No deal came to a stage in this time."),
        file_name="conversion",
    )


def time_chart(found: Sequence[Bottleneck], visitor: Visitor) -> Chart:
    """How many days deals stood on a stage before they left it."""
    t = visitor.t
    several = len({one.pipeline for one in found}) > 1
    names = [
        f"{one.pipeline}: {in_language(one.label, one.label_zh, t)}"
        if several
        else in_language(one.label, one.label_zh, t)
        for one in found
    ]
    series = [
        Series(t(name), [_days(getattr(one.wall, part)) for one in found])
        for part, name in _PERCENTILES
    ]
    return Chart(
        t("Days on a stage"),
        "across",
        series,
        names,
        t=t,
        axis=t("Stage"),
        said=t("How long deals stood there that left in this time: at most so many days."),
        empty=t("No deal left a stage in this time."),
        height=max(200, 60 + 54 * len(names)),
        file_name="days-on-stage",
    )


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _DAY, 1)


def attainment_chart(found: Sequence[Attainment], base: str, visitor: Visitor) -> Chart | None:
    """Targets in the base currency with what was won; others stand in the table."""
    t = visitor.t
    shown = [one for one in found if one.currency == base]
    if not shown:
        return None
    reached = sum(one.won_minor >= one.amount_minor for one in shown)
    names = [f"{one.period} · {one.owner or one.team or t('Everybody')}" for one in shown]
    return Chart(
        t("Targets and what was reached"),
        "across",
        [
            Series(t("Won"), [one.won_minor for one in shown]),
            Series(t("Target"), [one.amount_minor for one in shown], "pale"),
        ],
        names,
        t=t,
        unit=money_in(base),
        axis=t("Target"),
        said=t.n(
            "{reached} of {count} target is reached.",
            "{reached} of {count} targets are reached.",
            len(shown),
            reached=reached,
        ),
        height=max(160, 60 + 44 * len(names)),
        file_name="targets",
    )
