"""Numbers, times and money as the reader writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    get_currency_precision,
)

from designer.i18n.translator import Language
from engine.local_time import local

_LOCALES: Final[dict[Language, Locale]] = {
    "en": Locale("en", "GB"),
    "zh-CN": Locale("zh", "CN", script="Hans"),
}


@dataclass(frozen=True, slots=True)
class Formats:
    """`zone` is the wall clock that times are shown on."""

    language: Language
    zone: str

    @property
    def locale(self) -> Locale:
        return _LOCALES[self.language]

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def compact(self, value: int) -> str:
        """Short from a hundred thousand on: 1.2M, 120万."""
        if abs(value) < 100_000:
            return self.number(value)
        return str(format_compact_decimal(value, locale=self.locale, fraction_digits=1))

    def money(self, minor: int, currency: str) -> str:
        """Minor units of an ISO 4217 currency, such as 1250 EUR cents."""
        digits = get_currency_precision(currency)
        return str(format_currency(minor / 10**digits, currency, locale=self.locale))

    def moment(self, instant: datetime, zone: str | None = None) -> str:
        """Date and time on the wall clock of `zone`, or of the reader."""
        wall = local(instant, zone or self.zone).replace(tzinfo=None)
        pattern = "y年M月d日 HH:mm" if self.language == "zh-CN" else "d MMM y, HH:mm"
        return str(format_datetime(wall, pattern, locale=self.locale))

    def weekday_moment(self, instant: datetime, zone: str | None = None) -> str:
        wall = local(instant, zone or self.zone).replace(tzinfo=None)
        pattern = "y年M月d日 EEE HH:mm" if self.language == "zh-CN" else "EEE d MMM y, HH:mm"
        return str(format_datetime(wall, pattern, locale=self.locale))

    def date_of(self, instant: datetime) -> str:
        return self.day(local(instant, self.zone).date())

    def day(self, value: date) -> str:
        pattern = "y年M月d日" if self.language == "zh-CN" else "d MMM y"
        return str(format_date(value, pattern, locale=self.locale))

    def ago(self, instant: datetime, now: datetime) -> str:
        """How far an instant lies back or ahead, in one unit: "3 hours ago", "in 2 days"."""
        delta = instant - now
        if timedelta(seconds=-5) < delta < timedelta(seconds=5):
            delta = timedelta(seconds=-1)
        return str(format_timedelta(delta, add_direction=True, threshold=1, locale=self.locale))

    def span(self, delta: timedelta) -> str:
        return str(format_timedelta(delta, threshold=1, locale=self.locale))
