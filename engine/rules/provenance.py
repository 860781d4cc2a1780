"""Where facts come from, and what makes them change: closed sets, with words for people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from engine.rules.types import Label


class Origin(StrEnum):
    """Who gives a fact its value."""

    MADE = "made"
    WRITTEN = "written"
    KEPT = "kept"
    REPORTED = "reported"
    STAGE = "stage"
    SEGMENTS = "segments"
    ORDERS = "orders"
    CUSTOMERS = "customers"
    DEALS = "deals"
    TICKETS = "tickets"
    MESSAGES = "messages"
    EVENTS = "events"


class Change(StrEnum):
    """What makes the value another one."""

    NEVER = "never"
    WRITTEN = "written"
    ACTIVITY = "activity"
    STAGE = "stage"
    SEGMENTS = "segments"
    ORDERS = "orders"
    ORDERS_DAILY = "orders_daily"
    DEALS = "deals"
    TICKETS = "tickets"
    DELIVERY = "delivery"
    MESSAGES_TIME = "messages_time"
    EVENTS_TIME = "events_time"


ORIGIN_LABELS: Mapping[Origin, Label] = {
    Origin.MADE: Label("given when the record is made", "创建记录时生成"),
    Origin.WRITTEN: Label(
        "imports, connected systems, people and flows", "导入、外部系统、人员和流程"
    ),
    Origin.KEPT: Label("kept by Cadenza itself", "由 Cadenza 自动维护"),
    Origin.REPORTED: Label("the source that reported the event", "上报该事件的来源"),
    Origin.STAGE: Label("the stage the deal stands on", "商机所在的阶段"),
    Origin.SEGMENTS: Label("the static lists that hold the contact", "包含该联系人的静态名单"),
    Origin.ORDERS: Label("worked out from the contact's orders", "由联系人的订单计算"),
    Origin.CUSTOMERS: Label(
        "the contact's orders compared with those of all customers", "联系人的订单与全部客户相比"
    ),
    Origin.DEALS: Label("worked out from the contact's deals", "由联系人的商机计算"),
    Origin.TICKETS: Label("worked out from the contact's tickets", "由联系人的工单计算"),
    Origin.MESSAGES: Label("counted from the contact's messages", "由联系人的消息计数"),
    Origin.EVENTS: Label("counted from the contact's events", "由联系人的事件计数"),
}
CHANGE_LABELS: Mapping[Change, Label] = {
    Change.NEVER: Label("never", "从不"),
    Change.WRITTEN: Label("when it is written", "被写入时"),
    Change.ACTIVITY: Label("with anything the contact does", "联系人有任何活动时"),
    Change.STAGE: Label("when the deal moves to another stage", "商机移动到其他阶段时"),
    Change.SEGMENTS: Label("when a list takes the contact in or out", "名单加入或移出联系人时"),
    Change.ORDERS: Label(
        "when an order of the contact is written, moved or removed",
        "联系人的订单写入、转移或删除时",
    ),
    Change.ORDERS_DAILY: Label(
        "with the contact's orders, and once a day when the borders move",
        "随联系人的订单变化，且每天随分界更新一次",
    ),
    Change.DEALS: Label(
        "when a deal of the contact is written, moved or removed", "联系人的商机写入、转移或删除时"
    ),
    Change.TICKETS: Label(
        "when a ticket of the contact is written, moved or removed",
        "联系人的工单写入、转移或删除时",
    ),
    Change.DELIVERY: Label("when the message is handed over and answered for", "消息投递及回执时"),
    Change.MESSAGES_TIME: Label(
        "with each message, and as time passes", "随每条消息及时间推移变化"
    ),
    Change.EVENTS_TIME: Label(
        "with each opening or click, and as time passes", "随每次打开或点击及时间推移变化"
    ),
}
