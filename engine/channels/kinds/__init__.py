"""Kinds of channels that can be added by name: a class each, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.channels.kinds.base import ChannelKind, Medium, Tools
from engine.channels.kinds.chat import DingTalk, Feishu, Slack, Teams, Telegram, Twilio, WeCom
from engine.channels.kinds.gateway import Gateway
from engine.channels.kinds.mail import SendGrid, Smtp

KINDS: Final[Mapping[str, type[ChannelKind]]] = {
    one.kind: one
    for one in (
        *(Smtp, SendGrid, Gateway),
        *(Slack, Teams, WeCom, Feishu, DingTalk, Telegram, Twilio),
    )
}

__all__ = ["KINDS", "ChannelKind", "Medium", "Tools"]
