"""Every built-in field of every kind of record, in the order in which pickers show them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.rules.fact import Fact, RecordKind
from engine.rules.types import Label, Type

LIFECYCLE_STAGES = (
    "subscriber",
    "lead",
    "marketing_qualified_lead",
    "sales_qualified_lead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
    "at_risk",
    "churned",
)
LEAD_STATUSES = (
    "new",
    "open",
    "in_progress",
    "open_deal",
    "unqualified",
    "attempted_to_contact",
    "connected",
    "bad_timing",
)
ORDER_STATUSES = ("open", "paid", "shipped", "completed", "cancelled", "refunded")
STAGE_KINDS = ("open", "won", "lost")
FORECAST_CATEGORIES = ("omitted", "pipeline", "best_case", "commit", "closed")
TICKET_STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
TICKET_PRIORITIES = ("low", "normal", "high", "urgent")
EVENT_KINDS = ("track", "identify", "page", "screen", "group", "alias")


def _fact(
    name: str, kind: Type, en: str, zh: str, *, values: tuple[str, ...] = (), folded: bool = False
) -> Fact:
    return Fact(name, kind, Label(en, zh), values, folded)


_CONTACT = (
    _fact("id", Type.NUMBER, "contact number", "联系人编号"),
    _fact("external_id", Type.TEXT, "external id", "外部标识"),
    _fact("email", Type.TEXT, "e-mail", "电子邮箱", folded=True),
    _fact("phone", Type.TEXT, "phone", "电话"),
    _fact("first_name", Type.TEXT, "first name", "名"),
    _fact("last_name", Type.TEXT, "last name", "姓"),
    _fact("job_title", Type.TEXT, "job title", "职位"),
    _fact("language", Type.TEXT, "language", "语言"),
    _fact("country", Type.TEXT, "country", "国家/地区"),
    _fact("city", Type.TEXT, "city", "城市"),
    _fact("time_zone", Type.TEXT, "time zone", "时区"),
    _fact("birthday", Type.DATE, "birthday", "生日"),
    _fact(
        "birthday_calendar",
        Type.TEXT,
        "birthday calendar",
        "生日历法",
        values=("gregorian", "lunar"),
    ),
    _fact("lifecycle_stage", Type.TEXT, "lifecycle stage", "生命周期阶段", values=LIFECYCLE_STAGES),
    _fact("lead_status", Type.TEXT, "lead status", "线索状态", values=LEAD_STATUSES),
    _fact("source", Type.TEXT, "source", "来源"),
    _fact("score", Type.NUMBER, "score", "评分"),
    _fact("owner_id", Type.NUMBER, "owner", "负责人"),
    _fact("tags", Type.SET, "tags", "标签"),
    _fact("last_seen_at", Type.DATETIME, "last seen", "最近活跃时间"),
    _fact("created_at", Type.DATETIME, "created", "创建时间"),
    _fact("updated_at", Type.DATETIME, "updated", "更新时间"),
)
_ACCOUNT = (
    _fact("id", Type.NUMBER, "account number", "客户公司编号"),
    _fact("external_id", Type.TEXT, "external id", "外部标识"),
    _fact("name", Type.TEXT, "name", "名称", folded=True),
    _fact("domain", Type.TEXT, "domain", "域名"),
    _fact("industry", Type.TEXT, "industry", "行业"),
    _fact("employee_count", Type.NUMBER, "employees", "员工人数"),
    _fact("annual_revenue", Type.MONEY, "annual revenue", "年收入"),
    _fact("country", Type.TEXT, "country", "国家/地区"),
    _fact("city", Type.TEXT, "city", "城市"),
    _fact("year_founded", Type.NUMBER, "year founded", "成立年份"),
    _fact("owner_id", Type.NUMBER, "owner", "负责人"),
    _fact("created_at", Type.DATETIME, "created", "创建时间"),
    _fact("updated_at", Type.DATETIME, "updated", "更新时间"),
)
_DEAL = (
    _fact("id", Type.NUMBER, "deal number", "商机编号"),
    _fact("external_id", Type.TEXT, "external id", "外部标识"),
    _fact("name", Type.TEXT, "name", "名称"),
    _fact("pipeline", Type.TEXT, "pipeline", "销售管道"),
    _fact("stage", Type.TEXT, "stage", "阶段"),
    _fact("stage_kind", Type.TEXT, "stage kind", "阶段类别", values=STAGE_KINDS),
    _fact("stage_entered_at", Type.DATETIME, "stage entered", "进入阶段时间"),
    _fact("amount", Type.MONEY, "amount", "金额"),
    _fact("probability_percent", Type.NUMBER, "probability (%)", "赢单率（%）"),
    _fact(
        "forecast_category", Type.TEXT, "forecast category", "预测类别", values=FORECAST_CATEGORIES
    ),
    _fact("expected_close_on", Type.DATE, "expected close", "预计成交日期"),
    _fact("opened_at", Type.DATETIME, "opened", "开启时间"),
    _fact("closed_at", Type.DATETIME, "closed", "关闭时间"),
    _fact("lost_reason", Type.TEXT, "lost reason", "丢单原因"),
    _fact("owner_id", Type.NUMBER, "owner", "负责人"),
    _fact("created_at", Type.DATETIME, "created", "创建时间"),
    _fact("updated_at", Type.DATETIME, "updated", "更新时间"),
)
_TICKET = (
    _fact("id", Type.NUMBER, "ticket number", "工单编号"),
    _fact("external_id", Type.TEXT, "external id", "外部标识"),
    _fact("subject", Type.TEXT, "subject", "主题"),
    _fact("status", Type.TEXT, "status", "状态", values=TICKET_STATUSES),
    _fact("priority", Type.TEXT, "priority", "优先级", values=TICKET_PRIORITIES),
    _fact("owner_id", Type.NUMBER, "owner", "负责人"),
    _fact("opened_at", Type.DATETIME, "opened", "开启时间"),
    _fact("solved_at", Type.DATETIME, "solved", "解决时间"),
    _fact("created_at", Type.DATETIME, "created", "创建时间"),
)
_ORDER = (
    _fact("id", Type.NUMBER, "order number", "订单编号"),
    _fact("external_id", Type.TEXT, "external id", "外部标识"),
    _fact("status", Type.TEXT, "status", "状态", values=ORDER_STATUSES),
    _fact("total", Type.MONEY, "total", "总额"),
    _fact("item_count", Type.NUMBER, "items", "件数"),
    _fact("placed_at", Type.DATETIME, "placed", "下单时间"),
)
_EVENT = (
    _fact("name", Type.TEXT, "name", "名称"),
    _fact("kind", Type.TEXT, "kind", "类别", values=EVENT_KINDS),
    _fact("source", Type.TEXT, "source", "来源"),
    _fact("occurred_at", Type.DATETIME, "happened", "发生时间"),
)


def _by_name(facts: tuple[Fact, ...]) -> Mapping[str, Fact]:
    return {fact.name: fact for fact in facts}


STANDARD_FACTS: Mapping[RecordKind, Mapping[str, Fact]] = {
    "contact": _by_name(_CONTACT),
    "account": _by_name(_ACCOUNT),
    "deal": _by_name(_DEAL),
    "ticket": _by_name(_TICKET),
    "order": _by_name(_ORDER),
    "event": _by_name(_EVENT),
}
