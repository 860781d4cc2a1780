"""Instants, hours and spans as people type them on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from engine.errors import Refused
from engine.local_time import SpanRefused, parse_span
from engine.simulate.arbiter import Window
from engine.steps.span_words import at_least


def moment_from(text: str) -> datetime:
    """An instant with its offset, or a date, which begins at midnight in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and len(text) == 10:
        return moment.replace(tzinfo=UTC)
    if moment is None or moment.tzinfo is None:
        raise Refused(
            f'"{text}" is no time with an offset; write "2026-03-02T09:00:00+01:00" or a date.'
        )
    return moment.astimezone(UTC)


def window_from(text: str) -> Window:
    """ "21:00-08:00"."""
    start, dash, end = text.partition("-")
    try:
        found = Window(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
    except ValueError:
        found = None
    if found is None or not dash or found.start == found.end:
        raise Refused(f'"{text}" is no stretch of the day; write one such as "21:00-08:00".')
    return found


def length_from(text: str) -> timedelta:
    try:
        return at_least(parse_span(text))
    except SpanRefused as error:
        raise Refused(str(error)) from error
