"""Figures of sales work as tiles, tables and bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from babel.dates import format_skeleton
from babel.numbers import format_compact_currency, format_currency, get_currency_precision

from designer.components.bars import Bar, bars
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n.translator import N_
from designer.tone import Tone
from designer.visitor import Visitor
from designer.widgets import block, card, tile, words
from engine.measuring.durations import Trend
from engine.services.insight import (
    Aging,
    Attainment,
    Bottleneck,
    Conversion,
    Forecast,
    Performances,
)
from engine.services.insight.aging import OldDeal
from engine.services.insight.conversion import StageConversion
from engine.services.insight.forecast import LATER, OVERDUE, UNDATED
from engine.services.insight.performance import Performance

NOT_KNOWN: Final = "–"
_OTHER_PERIODS: Final = {
    OVERDUE: N_("Overdue"),
    LATER: N_("Later"),
    UNDATED: N_("No date"),
}
_TRENDS: Final[dict[Trend, tuple[str, Tone]]] = {
    Trend.SLOWER: (N_("slower"), "bad"),
    Trend.FASTER: (N_("faster"), "good"),
}


def sales_tiles(total: Performances, ahead: Forecast, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    one = total.items[0] if total.items else None
    weighted = sum(group.base.weighted_minor for group in ahead.groups)
    deals = sum(group.base.deals for group in ahead.groups)
    base = total.base_currency
    shown = [
        (t("Won"), _short(one.base_minor if one else 0, base, visitor)),
        (t("Deals won"), formats.number(one.won if one else 0)),
        (t("Win rate"), _rate(one.win_rate if one else None)),
        (t("Until won"), _took(one.cycle.p50 if one else None, visitor)),
        (t("Open deals"), formats.number(deals)),
        (t("Open, weighted"), _short(weighted, base, visitor)),
    ]
    with block("cz-tiles"):
        for label, value in shown:
            tile(label, value)


def forecast_card(ahead: Forecast, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    columns = [
        Column(t("Month")),
        Column(t("Open"), "right"),
        Column(t("Amount"), "right"),
        Column(t("Weighted"), "right"),
        Column(t("By the last year"), "right"),
        Column(t("Won"), "right"),
    ]
    rows = [
        Row(
            (
                Cell(period_words(one.period, visitor)),
                Cell(formats.number(one.base.deals)),
                Cell(_money(one.base.amount_minor, ahead.base_currency, visitor)),
                Cell(_money(one.base.weighted_minor, ahead.base_currency, visitor)),
                Cell(_money(one.base.measured_minor, ahead.base_currency, visitor)),
                Cell(
                    _money(one.base.won_minor, ahead.base_currency, visitor),
                    sub=formats.number(one.base.won_deals) if one.base.won_deals else "",
                ),
            )
        )
        for one in ahead.groups
    ]
    with card(t("Forecast in figures")):
        DataTable(t("Forecast in figures"), columns, rows)
        _without_rate(sum(one.base.without_rate for one in ahead.groups), visitor)
        _chances(ahead, visitor)


def _chances(ahead: Forecast, visitor: Visitor) -> None:
    """Where what was measured in the last year lies far from what the pipeline states."""
    t = visitor.t
    wrong = [
        one
        for one in ahead.chances
        if one.is_used and not one.interval.low <= one.stated_percent / 100 <= one.interval.high
    ]
    if not wrong:
        return
    several = len({one.pipeline for one in ahead.chances}) > 1
    with block("cz-pad cz-stack cz-tight"):
        for one in wrong:
            stage = _label(one.label, one.label_zh, visitor)
            text = t(
                "“{stage}” is stated at {stated}%; of {count} deals that closed in the last year "
                "{measured} were won.",
                stage=f"{one.pipeline}: {stage}" if several else stage,
                stated=one.stated_percent,
                count=visitor.formats.number(one.decided),
                measured=_rate(one.measured),
            )
            words(text, "cz-soft cz-small", tag="p")


def conversion_card(found: Conversion, slow: Sequence[Bottleneck], visitor: Visitor) -> None:
    t = visitor.t
    times = {(one.pipeline, one.stage): one for one in slow}
    several = len({one.pipeline for one in found.stages}) > 1
    columns = [
        Column(t("Stage")),
        Column(t("Came"), "right"),
        Column(t("Went on"), "right"),
        Column(t("Lost there"), "right"),
        Column(t("Still there"), "right"),
        Column(t("Won in the end"), "right"),
        Column(t("Time on it"), "right"),
        Column(t("Against before"), "right"),
        Column(t("A limit that fits"), "right"),
    ]
    with card(t("From stage to stage")):
        rows = [
            _stage(
                one,
                one.pipeline if several else "",
                times.get((one.pipeline, one.stage)),
                visitor,
            )
            for one in found.stages
        ]
        DataTable(t("From stage to stage"), columns, rows)
        words(
            t(
                "Deals that came to a stage in this time, and how they stand today. Time is that "
                "of half of the deals that left it; below it, that of nine of ten."
            ),
            "cz-soft cz-small cz-pad",
            tag="p",
        )


def _stage(one: StageConversion, pipeline: str, time: Bottleneck | None, visitor: Visitor) -> Row:
    t, number = visitor.t, visitor.formats.number
    slower = ", ".join(who.name for who in time.slower[:3]) if time else ""
    says, tone = _TRENDS.get(time.drift.trend, ("", "plain")) if time else ("", "plain")
    ratio = time.drift.ratio if time else None
    limit = time.proposed if time else None
    interval = one.win_interval
    return Row(
        (
            Cell(_label(one.label, one.label_zh, visitor), sub=pipeline),
            Cell(number(one.entered)),
            Cell(_rate(one.advance_rate), sub=number(one.advanced)),
            Cell(number(one.dropped)),
            Cell(number(one.waiting)),
            Cell(
                _rate(one.win_rate),
                sub=f"{interval.low:.0%} … {interval.high:.0%}" if one.win_rate is not None else "",
            ),
            Cell(
                _took(time.wall.p50 if time else None, visitor),
                sub=_took(time.wall.p90, visitor) if time else "",
            ),
            Cell(
                t(says) if says else _times(ratio),
                sub=t("longer for {names}", names=slower) if slower else "",
                tone=tone if says else None,
            ),
            Cell(
                limit.span if limit else NOT_KNOWN,
                sub=_kept(time, visitor) if time else "",
            ),
        )
    )


def _kept(time: Bottleneck, visitor: Visitor) -> str:
    t, limit = visitor.t, time.proposed
    if limit is None:
        return ""
    kept = t("kept by {share}", share=f"{limit.kept:.0%}")
    return f"{kept} · {t('working time')}" if time.in_working_time else kept


def aging_bars(found: Aging, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("How long open deals stand where they stand")), block("cz-pad cz-stack"):
        buckets = [*zip(*(stage.buckets for stage in found.stages), strict=True)]
        counts = [sum(one.deals for one in same) for same in buckets]
        most = max(counts, default=0) or 1
        bars(
            t("How long open deals stand where they stand"),
            [
                Bar(
                    _stretch(same[0].from_days, same[0].until_days, visitor),
                    formats.number(count),
                    count / most,
                )
                for same, count in zip(buckets, counts, strict=True)
            ],
        )


def aging_card(found: Aging, visitor: Visitor) -> None:
    t = visitor.t
    columns = [
        Column(t("Deal"), wraps=True),
        Column(t("Stage")),
        Column(t("Owner")),
        Column(t("Amount"), "right"),
        Column(t("Stands there"), "right"),
        Column(t("Expected")),
    ]
    with card(t("Longest on their stage")):
        DataTable(t("Longest on their stage"), columns, [_old(one, visitor) for one in found.deals])


def _old(one: OldDeal, visitor: Visitor) -> Row:
    t, formats = visitor.t, visitor.formats
    money = (
        _money(one.amount_minor, one.currency, visitor)
        if one.amount_minor is not None and one.currency
        else NOT_KNOWN
    )
    expected = formats.day(one.expected_close_on) if one.expected_close_on else NOT_KNOWN
    quiet = t("quiet for {span}", span=formats.span(one.quiet_for)) if one.quiet_for else ""
    return Row(
        (
            Cell(one.name, f"/deals/{one.deal_id}", sub=quiet),
            Cell(_label(one.stage_label, one.stage_label_zh, visitor)),
            Cell(one.owner or NOT_KNOWN),
            Cell(money),
            Cell(
                formats.span(one.in_stage),
                tone="warn" if one.is_longer else None,
                sub=t("longer than nine of ten") if one.is_longer else "",
            ),
            Cell(expected, tone="bad" if one.is_overdue else None),
        )
    )


def performance_card(found: Performances, by: str, visitor: Visitor) -> None:
    t = visitor.t
    columns = [
        Column(by),
        Column(t("Won"), "right"),
        Column(t("Lost"), "right"),
        Column(t("Win rate"), "right"),
        Column(t("Value"), "right"),
        Column(t("Per deal"), "right"),
        Column(t("Until won"), "right"),
        Column(t("Open"), "right"),
    ]
    with card(t("Who wins how")):
        rows = [_performance(one, found.base_currency, visitor) for one in found.items]
        DataTable(t("Who wins how"), columns, rows)


def _performance(one: Performance, base: str, visitor: Visitor) -> Row:
    t, formats = visitor.t, visitor.formats
    own = [_money(m.amount_minor, m.currency, visitor) for m in one.money if m.currency != base]
    means = [_money(m.average_minor, m.currency, visitor) for m in one.money]
    interval = one.win_interval
    return Row(
        (
            Cell(one.key or t("Nobody")),
            Cell(formats.number(one.won)),
            Cell(formats.number(one.lost)),
            Cell(
                _rate(one.win_rate),
                sub=f"{interval.low:.0%} … {interval.high:.0%}" if one.win_rate is not None else "",
            ),
            Cell(_money(one.base_minor, base, visitor), sub="; ".join(own)),
            Cell("; ".join(means) or NOT_KNOWN),
            Cell(_took(one.cycle.p50, visitor)),
            Cell(formats.number(one.open), sub=_money(one.open_base_minor, base, visitor)),
        )
    )


def targets_card(found: Sequence[Attainment], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    columns = [
        Column(t("Time")),
        Column(t("Whose")),
        Column(t("Target"), "right"),
        Column(t("Won"), "right"),
        Column(t("Reached"), "right"),
    ]
    rows = [
        Row(
            (
                Cell(one.period),
                Cell(one.owner or one.team or t("Everybody")),
                Cell(_money(one.amount_minor, one.currency, visitor)),
                Cell(
                    _money(one.won_minor, one.currency, visitor), sub=formats.number(one.won_deals)
                ),
                Cell(_rate(one.share), tone=_reached(one.share)),
            )
        )
        for one in found
    ]
    with card(t("Targets")):
        DataTable(t("Targets"), columns, rows)


def _reached(share: float | None) -> Tone | None:
    return "good" if share is not None and share >= 1 else None


def _without_rate(count: int, visitor: Visitor) -> None:
    if count:
        text = visitor.t("{count} deals have no exchange rate and are left out.", count=count)
        words(text, "cz-soft cz-small", tag="p")


def period_words(name: str, visitor: Visitor) -> str:
    if name in _OTHER_PERIODS:
        return visitor.t(_OTHER_PERIODS[name])
    month = date.fromisoformat(f"{name}-01")
    return str(format_skeleton("yMMM", month, locale=visitor.formats.locale))


def _stretch(start: int, end: int | None, visitor: Visitor) -> str:
    t = visitor.t
    if end is None:
        return t("{days}+ days", days=start)
    return t("{first}–{last} days", first=start, last=end - 1)


def _label(label: str, label_zh: str | None, visitor: Visitor) -> str:
    return label_zh if visitor.t.short == "zh" and label_zh else label


def _money(minor: int, currency: str, visitor: Visitor) -> str:
    """Without the smaller unit: beside each other, whole amounts are read better."""
    major = minor / 10 ** get_currency_precision(currency)
    locale = visitor.formats.locale
    return str(format_currency(round(major), currency, "¤#,##0", locale, currency_digits=False))


def _short(minor: int, currency: str, visitor: Visitor) -> str:
    """Short from ten thousand on: US$124K, US$12.4万."""
    major = minor / 10 ** get_currency_precision(currency)
    if abs(major) < 10_000:
        return _money(minor, currency, visitor)
    locale = visitor.formats.locale
    return str(format_compact_currency(major, currency, locale=locale, fraction_digits=1))


def _took(seconds: float | None, visitor: Visitor) -> str:
    """In days from two days on, because a week or a month is too coarse to compare."""
    if seconds is None:
        return NOT_KNOWN
    days = seconds / 86_400
    if days < 2:
        return visitor.formats.span(timedelta(seconds=seconds))
    rounded = round(days, 1) if days < 10 else round(days)
    return visitor.t("{days} days", days=visitor.formats.number(rounded))


def _times(ratio: float | None) -> str:
    return NOT_KNOWN if ratio is None else f"×{ratio:.1f}"


def _rate(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:.1%}"
