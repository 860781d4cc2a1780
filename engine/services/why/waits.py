"""Why a message waits for its time, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.flows.words import Words

_UNTIL: Final = ("The message waits until {until}: ", "消息等待至 {until}：")
_BECAUSE: Final[Mapping[str, tuple[str, str]]] = {
    "quiet_hours": (
        "it is quiet hours where the contact lives.",
        "联系人所在地正处于免打扰时段。",
    ),
    "sending_hours": (
        "such messages go at other hours.",
        "此类消息在其他时段发送。",
    ),
    "holiday": ("it is a public holiday.", "当天为公共假日。"),
    "cap_per_day": (
        "the contact got as many as there may be in a day.",
        "联系人当天收到的消息已达上限。",
    ),
    "cap_per_week": (
        "the contact got as many as there may be in a week.",
        "联系人本周收到的消息已达上限。",
    ),
    "cap_per_month": (
        "the contact got as many as there may be in a month.",
        "联系人本月收到的消息已达上限。",
    ),
    "wished_per_day": (
        "the contact wants at most one message a day.",
        "联系人希望每天最多收到一条消息。",
    ),
    "wished_per_week": (
        "the contact wants at most one message a week.",
        "联系人希望每周最多收到一条消息。",
    ),
    "outranked": (
        "one of a more important flow goes before it.",
        "更重要的流程的消息优先。",
    ),
    "channel_paused": (
        "the channel is paused. It is looked at again then.",
        "发送渠道已暂停，届时会再次检查。",
    ),
    "sender_paused": (
        "too much mail from this sender came back. It is looked at again then.",
        "该发件人的退信过多，届时会再次检查。",
    ),
    "rate": (
        "no more may go at once by the rate that is set; it stands in line.",
        "已达到设定的发送速率，正在排队。",
    ),
    "warm_up": (
        "the warm-up plan lets no more go today.",
        "预热计划当天的数量已用完。",
    ),
}


def words_of(reason: str) -> Words:
    """The sentence for a reason; one of a later release is named by its code."""
    said = _BECAUSE.get(reason, (f"{reason}.", f"{reason}。"))
    return Words(_UNTIL[0] + said[0], _UNTIL[1] + said[1])
