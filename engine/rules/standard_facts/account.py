"""What is known of a company."""

from __future__ import annotations

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.types import Type

ACCOUNT = by_name(
    (
        fact("id", Type.NUMBER, "account number", "客户公司编号", Origin.MADE, Change.NEVER),
        fact("external_id", Type.TEXT, "external id", "外部标识"),
        fact("name", Type.TEXT, "name", "名称", folded=True),
        fact("domain", Type.TEXT, "domain", "域名"),
        fact("industry", Type.TEXT, "industry", "行业"),
        fact("employee_count", Type.NUMBER, "employees", "员工人数"),
        fact("annual_revenue", Type.MONEY, "annual revenue", "年收入"),
        fact("country", Type.TEXT, "country", "国家/地区"),
        fact("city", Type.TEXT, "city", "城市"),
        fact("year_founded", Type.NUMBER, "year founded", "成立年份"),
        fact("owner_id", Type.NUMBER, "owner", "负责人"),
        fact("created_at", Type.DATETIME, "created", "创建时间", Origin.MADE, Change.NEVER),
        fact("updated_at", Type.DATETIME, "updated", "更新时间", Origin.KEPT),
    )
)
