"""The figures as tables: a head line, then plain values. Amounts are minor units, times seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from engine.measuring.durations import Durations
from engine.services.insight.accuracy import MEASURES, ForecastAccuracy
from engine.services.insight.aging import Aging
from engine.services.insight.answers import ApprovalTimes, PolicyTime, TicketTime
from engine.services.insight.bottlenecks import Bottleneck
from engine.services.insight.conversion import Conversion
from engine.services.insight.forecast import Amounts, Forecast, ForecastGroup
from engine.services.insight.performance import Performances
from engine.services.insight.targets import Attainment

Cell: TypeAlias = str | int | float | None
Lines: TypeAlias = list[Sequence[Cell]]
_TOOK: Final = ("cases", "p50_seconds", "p75_seconds", "p90_seconds")
_SUMS: Final = (
    *("deals", "amount_minor", "weighted_minor", "measured_minor", "won_deals", "won_minor"),
    "without_rate",
)


def forecast_lines(found: Forecast) -> Lines:
    """A line for each currency, and one in the base currency, whose `is_base` is 1."""
    lines: Lines = [("period", found.by, f"{found.by}_id", "is_base", "currency", *_SUMS)]
    for group in found.groups:
        lines += [_amounts(group, one, is_base=False) for one in group.amounts]
        lines.append(_amounts(group, group.base, is_base=True))
    return lines


def _amounts(group: ForecastGroup, one: Amounts, *, is_base: bool) -> Sequence[Cell]:
    sums = (getattr(one, name) for name in _SUMS)
    return (group.period, group.key, group.key_id, int(is_base), one.currency, *sums)


def chance_lines(found: Forecast) -> Lines:
    head = ("pipeline", "stage", "stated_percent", "measured", "low", "high", "decided", "won")
    rows = (
        (o.pipeline, o.stage, o.stated_percent, _share(o.measured), *o.interval, o.decided, o.won)
        for o in found.chances
    )
    return [head, *rows]


def accuracy_lines(found: ForecastAccuracy) -> Lines:
    said = [f"{measure}_minor" for measure in MEASURES]
    head = ("month", "written_down_on", "currency", *said, "won_minor", "won_deals")
    return [
        head,
        *(
            (
                one.month,
                one.day.isoformat() if one.day else None,
                found.base_currency,
                *(getattr(one, name) for name in said),
                one.won_minor,
                one.won_deals,
            )
            for one in found.months
        ),
    ]


def conversion_lines(found: Conversion) -> Lines:
    head = (
        *("pipeline", "stage", "entered", "advanced", "dropped", "waiting", "advance_rate"),
        *("won", "lost", "win_rate"),
    )
    return [
        head,
        *(
            (
                *(o.pipeline, o.stage, o.entered, o.advanced, o.dropped, o.waiting),
                *(_share(o.advance_rate), o.won, o.lost, _share(o.win_rate)),
            )
            for o in found.stages
        ),
    ]


def bottleneck_lines(found: Sequence[Bottleneck]) -> Lines:
    head = (
        *("pipeline", "stage", *_TOOK, *(f"working_{name}" for name in _TOOK)),
        *("share_of_time", "trend", "ratio", "slower_people", "proposed", "kept"),
    )
    return [
        head,
        *(
            (
                *(one.pipeline, one.stage, *_took(one.wall), *_took(one.working)),
                *(_share(one.share), one.drift.trend.value, _share(one.drift.ratio)),
                "; ".join(who.name for who in one.slower) or None,
                one.proposed.span if one.proposed else None,
                _share(one.proposed.kept) if one.proposed else None,
            )
            for one in found
        ),
    ]


def aging_lines(found: Aging) -> Lines:
    head = (
        *("deal_id", "name", "pipeline", "stage", "owner", "currency", "amount_minor"),
        *("in_stage_seconds", "open_seconds", "quiet_seconds", "expected_close_on"),
        *("is_overdue", "is_longer_than_usual"),
    )
    return [
        head,
        *(
            (
                *(o.deal_id, o.name, o.pipeline, o.stage, o.owner, o.currency, o.amount_minor),
                *(round(o.in_stage.total_seconds()), round(o.open_for.total_seconds())),
                round(o.quiet_for.total_seconds()) if o.quiet_for is not None else None,
                o.expected_close_on.isoformat() if o.expected_close_on else None,
                int(o.is_overdue),
                None if o.is_longer is None else int(o.is_longer),
            )
            for o in found.deals
        ),
    ]


def performance_lines(found: Performances) -> Lines:
    currencies = sorted({money.currency for one in found.items for money in one.money})
    head = (
        *(found.by, f"{found.by}_id", "won", "lost", "win_rate"),
        *(f"won_minor_{code}" for code in currencies),
        *(f"average_minor_{code}" for code in currencies),
        *(f"won_base_minor_{found.base_currency}", "without_rate"),
        *(f"cycle_{name}" for name in _TOOK),
        *("open", f"open_base_minor_{found.base_currency}"),
    )
    lines: Lines = [head]
    for one in found.items:
        money = {won.currency: won for won in one.money}
        sums = (money[code].amount_minor if code in money else 0 for code in currencies)
        means = (money[code].average_minor if code in money else None for code in currencies)
        lines.append(
            (
                *(one.key, one.key_id, one.won, one.lost, _share(one.win_rate), *sums, *means),
                *(one.base_minor, one.without_rate, *_took(one.cycle)),
                *(one.open, one.open_base_minor),
            )
        )
    return lines


def approval_lines(found: ApprovalTimes) -> Lines:
    """Chains, their levels, and people, told apart by the first column."""
    head = ("what", "chain", "level", "person", "asked", "approved", "rejected", "open", *_TOOK)
    lines: Lines = [head]
    for one in found.chains:
        counts = (one.asked, one.approved, one.rejected, one.open)
        lines.append(("chain", one.chain, None, None, *counts, *_took(one.took)))
    for level in found.levels:
        nothing = (None, None, None, None)
        lines.append(("level", level.chain, level.level, None, *nothing, *_took(level.took)))
    for who in found.people:
        counts_of = (None, None, None, who.open)
        lines.append(("person", None, None, who.name, *counts_of, *_took(who.took)))
    return lines


def escalation_lines(found: Sequence[PolicyTime]) -> Lines:
    head = ("policy", "opened", "open", "held", "further", *_TOOK)
    return [head, *((o.policy, o.opened, o.open, o.held, o.further, *_took(o.took)) for o in found)]


def ticket_lines(found: Sequence[TicketTime]) -> Lines:
    head = (
        *("priority", "owner", "opened", "open", "reopened", "late_responses", "late_solutions"),
        *("rated", "score", *(f"response_{name}" for name in _TOOK)),
        *(f"solution_{name}" for name in _TOOK),
    )
    return [
        head,
        *(
            (
                *(o.priority, o.owner, o.opened, o.open, o.reopened),
                *(o.late_responses, o.late_solutions, o.rated, _share(o.score)),
                *(*_took(o.response), *_took(o.solution)),
            )
            for o in found
        ),
    ]


def target_lines(found: Sequence[Attainment]) -> Lines:
    head = (
        *("id", "period", "owner", "team", "currency", "target_minor", "won_minor", "share"),
        *("won_deals", "without_rate"),
    )
    return [
        head,
        *(
            (
                *(o.id, o.period, o.owner, o.team, o.currency, o.amount_minor, o.won_minor),
                *(_share(o.share), o.won_deals, o.without_rate),
            )
            for o in found
        ),
    ]


def _took(one: Durations) -> Sequence[Cell]:
    return (one.cases, *(None if p is None else round(p) for p in (one.p50, one.p75, one.p90)))


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
