"""The providers: which class of the library tells them, where they are called, what they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from engine.channels.base import ChannelError, OutgoingMessage
from engine.channels.chat.answers import (
    DINGTALK,
    FEISHU,
    SLACK,
    TEAMS,
    TELEGRAM,
    TWILIO,
    WECOM,
    Codes,
)
from engine.outgoing import Answered


def _as_it_is(text: str) -> str:
    return text


def _as_html(text: str) -> str:
    """Telegram is told in HTML, and the library leaves what looks like a tag."""
    return escape(text, quote=False)


def _no_mentions(text: str) -> str:
    """Feishu turns <at user_id="all"> into a call to everybody, wherever the text came from."""
    return re.sub(r"<(?=/?at\b)", "＜", text, flags=re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Provider:
    """`hosts` are the only names that are called: whole ones, or endings that begin with a dot.
    `target` is the argument that takes the address, None where the settings hold the room.
    `longest` counts characters, or bytes of UTF-8 when `in_bytes`. `plain` makes a text mean itself
    and nothing else. Addresses look like `address`: of a wrong one the library may make another
    (Twilio's class would write to our own number).
    """

    module: str
    plugin: str
    hosts: tuple[str, ...]
    codes: Codes
    longest: int
    target: str | None = None
    plain: Callable[[str], str] = _as_it_is
    in_bytes: bool = False
    address: re.Pattern[str] | None = None

    def text_of(self, message: OutgoingMessage) -> str:
        return self.plain(message.text.strip())

    def is_too_long(self, text: str) -> bool:
        return len(text.encode("utf-8", "replace") if self.in_bytes else text) > self.longest

    def is_address(self, to: str) -> bool:
        return self.address is None or self.address.fullmatch(to) is not None

    def addressed(self, to: str) -> Mapping[str, Any]:
        return {} if self.target is None else {self.target: [to]}

    def judge(self, answer: Answered, now: datetime) -> ChannelError | None:
        return self.codes.judge(answer, now)


# Microsoft's own names; everything below them is theirs.
TEAMS_HOSTS: Final = (".logic.azure.com", ".api.powerplatform.com")

PROVIDERS: Final[Mapping[str, Provider]] = {
    "slack": Provider("slack", "NotifySlack", ("hooks.slack.com",), SLACK, 35_000),
    "teams": Provider("workflows", "NotifyWorkflows", TEAMS_HOSTS, TEAMS, 20_000),
    "wecom": Provider(
        "wecombot", "NotifyWeComBot", ("qyapi.weixin.qq.com",), WECOM, 2_048, in_bytes=True
    ),
    "feishu": Provider(
        "feishu", "NotifyFeishu", ("open.feishu.cn",), FEISHU, 19_985, plain=_no_mentions
    ),
    "dingtalk": Provider("dingtalk", "NotifyDingTalk", ("oapi.dingtalk.com",), DINGTALK, 19_985),
    "telegram": Provider(
        "telegram",
        "NotifyTelegram",
        ("api.telegram.org",),
        TELEGRAM,
        4_096,
        "targets",
        plain=_as_html,
        address=re.compile(r"-?[0-9]{1,32}"),
    ),
    "twilio": Provider(
        "twilio",
        "NotifyTwilio",
        ("api.twilio.com",),
        TWILIO,
        1_600,
        "targets",
        address=re.compile(r"\+[1-9][0-9]{5,14}"),
    ),
}
