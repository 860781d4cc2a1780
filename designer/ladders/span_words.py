"""Lengths of time in words: "4 working hours", "2 days"."""

from __future__ import annotations

from typing import Any, Final

from designer.i18n import Translator
from engine.local_time import SpanRefused, parse_span

# What a form offers, with the letter that a length is written with.
UNITS: Final = ("m", "h", "d", "w")


def span_words(text: Any, t: Translator, *, working: bool) -> str:
    """As it is written where it is no length of time."""
    try:
        span = parse_span(str(text))
    except SpanRefused:
        return str(text)
    hours, rest = divmod(span.seconds, 3600)
    minutes = rest // 60
    said = []
    if span.months:
        said.append(t.n("{count} month", "{count} months", span.months))
    if working:
        if span.days:
            said.append(t.n("{count} working day", "{count} working days", span.days))
        if hours:
            said.append(t.n("{count} working hour", "{count} working hours", hours))
        if minutes:
            said.append(t.n("{count} working minute", "{count} working minutes", minutes))
    else:
        if span.days:
            said.append(t.n("{count} day", "{count} days", span.days))
        if hours:
            said.append(t.n("{count} hour", "{count} hours", hours))
        if minutes:
            said.append(t.n("{count} minute", "{count} minutes", minutes))
    return " ".join(said) if said else t("no time")


def split_span(text: Any) -> tuple[int, str] | None:
    """Number and unit, where one of each says it all; None for anything else."""
    try:
        span = parse_span(str(text))
    except SpanRefused:
        return None
    if span.months or (span.days and span.seconds):
        return None
    if span.days:
        return (span.days // 7, "w") if span.days % 7 == 0 else (span.days, "d")
    if span.seconds % 3600 == 0:
        return span.seconds // 3600, "h"
    return (span.seconds // 60, "m") if span.seconds % 60 == 0 else None
