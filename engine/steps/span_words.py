"""Lengths of time in settings: read, said in words, and the least they can last."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from engine.local_time import Span, parse_span
from engine.steps.words import Words

_SECOND_UNITS = (
    (3600, "hour", "小时"),
    (60, "minute", "分钟"),
    (1, "second", "秒"),
)


@lru_cache(maxsize=1024)
def span_of(text: str) -> Span:
    """The span of a checked setting; read once, as thousands of runs pass the same wait."""
    return parse_span(text)


def span_words(span: Span) -> Words:
    """ "3 days", "1 year 2 months", "90 minutes" stays "1 hour 30 minutes"."""
    years, months = divmod(span.months, 12)
    weeks, days = divmod(span.days, 7)
    if days:
        weeks, days = 0, span.days
    parts = [
        (years, "year", "年"),
        (months, "month", "个月"),
        (weeks, "week", "周"),
        (days, "day", "天"),
    ]
    seconds = span.seconds
    for size, en, zh in _SECOND_UNITS:
        amount, seconds = divmod(seconds, size)
        parts.append((amount, en, zh))
    said = [(amount, en, zh) for amount, en, zh in parts if amount]
    return Words(
        " ".join(f"{amount} {en}{'' if amount == 1 else 's'}" for amount, en, _ in said),
        " ".join(f"{amount} {zh}" for amount, _, zh in said),
    )


def at_least(span: Span) -> timedelta:
    """The least time a span lasts, give or take a clock change: the shortest month has 28 days."""
    return timedelta(days=span.months * 28 + span.days, seconds=span.seconds)
