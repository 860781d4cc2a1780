"""Figures of a group of messages, and rates worked out from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Messages, each counted once for each thing that became of it.

    `sent` were accepted, `maybe_sent` are beside them and in no rate. `delivered` is None while
    nobody has reported a single delivery and there is mail that nobody reported on: by SMTP that is
    always so. `reached` arrived as far as anybody can tell: rates of people are of these, and never
    above 1, however many channels report deliveries and however many do not. `machine_opened` are
    those that only machines looked at. `bounced` are hard bounces.
    """

    sent: int = 0
    maybe_sent: int = 0
    delivered: int | None = 0
    opened: int = 0
    machine_opened: int = 0
    clicked: int = 0
    bounced: int = 0
    soft_bounced: int = 0
    blocked: int = 0
    complained: int = 0
    unsubscribed: int = 0
    reached: int = 0

    @property
    def open_rate(self) -> float | None:
        return _share(self.opened, self.reached)

    @property
    def click_rate(self) -> float | None:
        return _share(self.clicked, self.reached)

    @property
    def click_to_open(self) -> float | None:
        """A mail program that shows no pictures can be clicked in unopened, so it may exceed 1."""
        return _share(self.clicked, self.opened)

    @property
    def bounce_rate(self) -> float | None:
        """Of what was sent, all that came back."""
        return _share(self.bounced + self.soft_bounced + self.blocked, self.sent)

    @property
    def complaint_rate(self) -> float | None:
        return _share(self.complained, self.reached)

    @property
    def unsubscribe_rate(self) -> float | None:
        return _share(self.unsubscribed, self.reached)


@dataclass(frozen=True, slots=True)
class Revenue:
    """`base_minor` is the same in the base currency, None while an amount has no rate."""

    currency: str
    amount_minor: int
    base_minor: int | None
    times: int


@dataclass(frozen=True, slots=True)
class Result:
    """`key` has a value for each column of what was compared by."""

    key: Mapping[str, str | None]
    figures: Figures
    conversions: int = 0
    revenue: tuple[Revenue, ...] = ()

    @property
    def conversion_rate(self) -> float | None:
        return _share(self.conversions, self.figures.sent)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
