"""What a contact's orders, deals and tickets come to; kept in `contact_summary`.

A bought order is one that was paid, shipped or completed. Amounts are in the base currency, and
absent where one of their parts could not be converted: unknown is better than too small.
"""

from __future__ import annotations

from engine.rules.fact import Fact, RecordKind
from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import fact
from engine.rules.types import Type


def _of_orders(name: str, kind: Type, en: str, zh: str) -> Fact:
    return fact(
        name,
        kind,
        en,
        zh,
        Origin.ORDERS,
        Change.ORDERS,
        follows=("order",),
        in_base=kind is Type.MONEY,
    )


_DEAL: tuple[RecordKind, ...] = ("deal",)

PURCHASES = (
    _of_orders("order_count", Type.NUMBER, "orders bought", "已购订单数"),
    _of_orders("total_spent", Type.MONEY, "total spent", "消费总额"),
    _of_orders("average_order", Type.MONEY, "average order", "平均订单金额"),
    _of_orders("first_order_at", Type.DATETIME, "first order", "首次下单时间"),
    _of_orders("last_order_at", Type.DATETIME, "last order", "最近下单时间"),
    _of_orders("days_between_orders", Type.NUMBER, "days between orders", "平均下单间隔（天）"),
    _of_orders("lifetime_value", Type.MONEY, "lifetime value", "客户终身价值"),
    fact(
        "open_deals",
        Type.NUMBER,
        "open deals",
        "进行中商机数",
        Origin.DEALS,
        Change.DEALS,
        follows=_DEAL,
    ),
    fact(
        "open_deal_amount",
        Type.MONEY,
        "amount of open deals",
        "进行中商机金额",
        Origin.DEALS,
        Change.DEALS,
        follows=_DEAL,
        in_base=True,
    ),
    fact(
        "open_tickets",
        Type.NUMBER,
        "open tickets",
        "未解决工单数",
        Origin.TICKETS,
        Change.TICKETS,
        follows=("ticket",),
    ),
)
