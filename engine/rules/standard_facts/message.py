"""What is known of a message to a contact, from the moment it is about to be handed over."""

from __future__ import annotations

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.types import Type

MESSAGE_STATES = ("handing_over", "sent", "maybe_sent", "refused", "withheld", "put_off")
PURPOSES = ("marketing", "service")

MESSAGE = by_name(
    (
        fact(
            "state", Type.TEXT, "state", "状态", Origin.KEPT, Change.DELIVERY, values=MESSAGE_STATES
        ),
        fact("template", Type.TEXT, "template", "模板", Origin.MADE, Change.NEVER),
        fact("flow", Type.TEXT, "flow", "流程", Origin.MADE, Change.NEVER),
        fact("channel", Type.TEXT, "channel", "渠道", Origin.MADE, Change.NEVER),
        fact("purpose", Type.TEXT, "purpose", "用途", Origin.MADE, Change.NEVER, values=PURPOSES),
        fact(
            "handed_over_at",
            Type.DATETIME,
            "handed over",
            "投递时间",
            Origin.KEPT,
            Change.DELIVERY,
        ),
    )
)
