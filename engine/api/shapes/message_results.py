"""What `/api/message-results` answers."""

from __future__ import annotations

from engine.api.shapes.common import Shown


class FiguresShown(Shown):
    """Messages, each counted once for each thing. `delivered` is null where nobody reports it."""

    sent: int
    maybe_sent: int
    delivered: int | None
    opened: int
    machine_opened: int
    clicked: int
    bounced: int
    soft_bounced: int
    blocked: int
    complained: int
    unsubscribed: int
    open_rate: float | None
    click_rate: float | None
    click_to_open: float | None
    bounce_rate: float | None
    complaint_rate: float | None
    unsubscribe_rate: float | None


class RevenueShown(Shown):
    """Minor units; `base_minor` in the base currency, null while an amount has no rate."""

    currency: str
    amount_minor: int
    base_minor: int | None
    times: int


class ResultShown(Shown):
    """`key` has a value for each of the columns."""

    key: dict[str, str | None]
    figures: FiguresShown
    conversions: int
    conversion_rate: float | None
    revenue: list[RevenueShown]


class ResultsShown(Shown):
    columns: list[str]
    items: list[ResultShown]


class LinkShown(Shown):
    """Messages in which the link was followed; `machines`: by scanners alone."""

    link: str
    clicked: int
    machines: int


class LinksShown(Shown):
    items: list[LinkShown]


class DelayShown(Shown):
    """Hours after the message was handed over."""

    from_hours: float
    until_hours: float | None
    opened: int
    clicked: int


class HourShown(Shown):
    """An hour of the day where the contact lives."""

    hour: int
    opened: int
    clicked: int


class ResponseShown(Shown):
    delays: list[DelayShown]
    hours: list[HourShown]
