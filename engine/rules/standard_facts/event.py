"""What is known of something that happened."""

from __future__ import annotations

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.types import Type

EVENT_KINDS = (
    *("track", "identify", "page", "screen", "group", "alias"),
    *("record", "segment", "flow", "hook", "score", "ticket", "deal"),
)

EVENT = by_name(
    (
        fact("name", Type.TEXT, "name", "名称", Origin.REPORTED, Change.NEVER),
        fact("kind", Type.TEXT, "kind", "类别", Origin.REPORTED, Change.NEVER, values=EVENT_KINDS),
        fact("source", Type.TEXT, "source", "来源", Origin.REPORTED, Change.NEVER),
        fact("occurred_at", Type.DATETIME, "happened", "发生时间", Origin.REPORTED, Change.NEVER),
    )
)
