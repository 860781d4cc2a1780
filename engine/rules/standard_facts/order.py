"""What is known of a purchase."""

from __future__ import annotations

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.types import Type

ORDER_STATUSES = ("open", "paid", "shipped", "completed", "cancelled", "refunded")

ORDER = by_name(
    (
        fact("id", Type.NUMBER, "order number", "订单编号", Origin.MADE, Change.NEVER),
        fact("external_id", Type.TEXT, "external id", "外部标识"),
        fact("status", Type.TEXT, "status", "状态", values=ORDER_STATUSES),
        fact("total", Type.MONEY, "total", "总额", in_base=True),
        fact("item_count", Type.NUMBER, "items", "件数"),
        fact("placed_at", Type.DATETIME, "placed", "下单时间"),
    )
)
