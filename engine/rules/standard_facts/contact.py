"""What is known of a person."""

from __future__ import annotations

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.engagement import ENGAGEMENT
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.standard_facts.purchases import PURCHASES
from engine.rules.standard_facts.rfm import SCORES
from engine.rules.types import Type

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

CONTACT = by_name(
    (
        fact("id", Type.NUMBER, "contact number", "联系人编号", Origin.MADE, Change.NEVER),
        fact("external_id", Type.TEXT, "external id", "外部标识"),
        fact("email", Type.TEXT, "e-mail", "电子邮箱", folded=True),
        fact("phone", Type.TEXT, "phone", "电话"),
        fact("first_name", Type.TEXT, "first name", "名"),
        fact("last_name", Type.TEXT, "last name", "姓"),
        fact("job_title", Type.TEXT, "job title", "职位"),
        fact("language", Type.TEXT, "language", "语言"),
        fact("country", Type.TEXT, "country", "国家/地区"),
        fact("city", Type.TEXT, "city", "城市"),
        fact("time_zone", Type.TEXT, "time zone", "时区"),
        fact("birthday", Type.DATE, "birthday", "生日"),
        fact(
            "birthday_calendar",
            Type.TEXT,
            "birthday calendar",
            "生日历法",
            values=("gregorian", "lunar"),
        ),
        fact(
            "lifecycle_stage", Type.TEXT, "lifecycle stage", "生命周期阶段", values=LIFECYCLE_STAGES
        ),
        fact("lead_status", Type.TEXT, "lead status", "线索状态", values=LEAD_STATUSES),
        fact("source", Type.TEXT, "source", "来源"),
        fact("score", Type.NUMBER, "score", "评分"),
        fact("owner_id", Type.NUMBER, "owner", "负责人"),
        fact("tags", Type.SET, "tags", "标签"),
        fact("segments", Type.SET, "segments", "客户群", Origin.SEGMENTS, Change.SEGMENTS),
        fact(
            "last_seen_at",
            Type.DATETIME,
            "last seen",
            "最近活跃时间",
            Origin.KEPT,
            Change.ACTIVITY,
        ),
        fact("created_at", Type.DATETIME, "created", "创建时间", Origin.MADE, Change.NEVER),
        fact("updated_at", Type.DATETIME, "updated", "更新时间", Origin.KEPT),
        *PURCHASES,
        *SCORES,
        *ENGAGEMENT,
    )
)
