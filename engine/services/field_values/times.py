"""Days and instants. Nothing is guessed: 3/4/2026 is refused unless a format says what it means."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from engine.local_time import local_instant
from engine.services.field_values.refusal import ValueRefused, shown

_EARLIEST = 1000


def day(value: object, *, form: str | None = None) -> date:
    """`form` is a `strptime` format such as `%m/%d/%Y`; ISO 8601 is always understood."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _parsed(value, form).date()
    if found.year < _EARLIEST:
        raise ValueRefused("not_a_date", f"{shown(value)} lies before the year {_EARLIEST}.")
    return found


def instant(value: object, *, form: str | None = None, zone: str = "UTC") -> datetime:
    """Aware UTC. A time without offset is read on the wall clock of `zone`, a bare day as its
    first minute there."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime.combine(value, time.min)
    else:
        found = _parsed(value, form)
    if found.year < _EARLIEST:
        raise ValueRefused("not_a_time", f"{shown(value)} lies before the year {_EARLIEST}.")
    if found.tzinfo is None:
        return local_instant(found.date(), found.time(), zone)
    return found.astimezone(UTC)


def _parsed(value: object, form: str | None) -> datetime:
    if not isinstance(value, str):
        raise ValueRefused("not_a_date", f"{shown(value)} is not a date.")
    text = value.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if form is None:
        raise ValueRefused(
            "not_a_date",
            f"{shown(value)} is not a date such as 2026-03-01; for another order of day and month "
            'give the field a format such as "%d.%m.%Y".',
        )
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - placed in a zone by the caller
    except ValueError:
        raise ValueRefused(
            "not_a_date", f'{shown(value)} is not a date of the form "{form}" that exists.'
        ) from None
