"""What is known of a question or complaint."""

from __future__ import annotations

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.types import Type

TICKET_STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
TICKET_PRIORITIES = ("low", "normal", "high", "urgent")

TICKET = by_name(
    (
        fact("id", Type.NUMBER, "ticket number", "工单编号", Origin.MADE, Change.NEVER),
        fact("external_id", Type.TEXT, "external id", "外部标识"),
        fact("subject", Type.TEXT, "subject", "主题"),
        fact("status", Type.TEXT, "status", "状态", values=TICKET_STATUSES),
        fact("priority", Type.TEXT, "priority", "优先级", values=TICKET_PRIORITIES),
        fact("owner_id", Type.NUMBER, "owner", "负责人"),
        fact("opened_at", Type.DATETIME, "opened", "开启时间"),
        fact("solved_at", Type.DATETIME, "solved", "解决时间"),
        fact("created_at", Type.DATETIME, "created", "创建时间", Origin.MADE, Change.NEVER),
    )
)
