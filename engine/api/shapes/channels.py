"""Channels and senders as the API shows them; nothing secret is among it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.api.shapes.common import Shown


class WarmUpShown(Shown):
    """`plan` is the most messages of each day from `begins` on."""

    begins: date
    plan: list[int]


class LimitsShown(Shown):
    """Messages a second, over all processes; `domain_rates` by recipient domain, "*" for each
    other one."""

    per_second: float | None
    domain_rates: dict[str, float]
    warm_up: WarmUpShown | None


class ChannelShown(Shown):
    name: str
    kind: str
    medium: str
    settings: dict[str, Any]
    enabled: bool
    identity: str | None
    limits: LimitsShown
    changed_at: datetime
    changed_by: str


class ChannelsShown(Shown):
    items: list[ChannelShown]


class SenderShown(Shown):
    slug: str
    name: str | None
    address: str
    reply_to: str | None
    domain: str
    warm_up: WarmUpShown | None


class SendersShown(Shown):
    items: list[SenderShown]
