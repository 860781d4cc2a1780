"""How much was sent to a contact lately, and what became of it.

These windows slide with the clock, so nothing of them is stored: each fact is written out as the
count it stands for, and memory and SQL count alike.
"""

from __future__ import annotations

from engine.rules.fact import Fact
from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import fact
from engine.rules.types import Type

WINDOW_DAYS = (7, 30, 90)
# A message whose fate is unknown counts as sent, as it does for the limits of what people get.
SENT_STATES = ("sent", "maybe_sent")


def _sent(days: int) -> Fact:
    was_sent = {"in": [{"var": "state"}, list(SENT_STATES)]}
    lately = {"in_last": [{"var": "handed_over_at"}, days, "days"]}
    return fact(
        f"messages_sent_{days}_days",
        Type.NUMBER,
        f"messages sent in {days} days",
        f"近 {days} 天发送消息数",
        Origin.MESSAGES,
        Change.MESSAGES_TIME,
        follows=("message",),
        written={"count": [{"var": "messages"}, {"and": [was_sent, lately]}]},
    )


def _happened(name: str, event: str, en: str, zh: str, days: int) -> Fact:
    named = {"==": [{"var": "name"}, event]}
    lately = {"in_last": [{"var": "occurred_at"}, days, "days"]}
    return fact(
        f"{name}_{days}_days",
        Type.NUMBER,
        f"{en} in {days} days",
        f"近 {days} 天{zh}",
        Origin.EVENTS,
        Change.EVENTS_TIME,
        follows=("event",),
        written={"count": [{"var": "events"}, {"and": [named, lately]}]},
    )


ENGAGEMENT = (
    *map(_sent, WINDOW_DAYS),
    *(
        _happened("messages_opened", "Message Opened", "messages opened", "打开消息次数", days)
        for days in WINDOW_DAYS
    ),
    *(
        _happened("messages_clicked", "Message Clicked", "clicks in messages", "点击消息次数", days)
        for days in WINDOW_DAYS
    ),
)
