"""What is known of a possible sale."""

from __future__ import annotations

from engine.rules.provenance import Change, Origin
from engine.rules.standard_facts.entry import by_name, fact
from engine.rules.types import Type

STAGE_KINDS = ("open", "won", "lost")
FORECAST_CATEGORIES = ("omitted", "pipeline", "best_case", "commit", "closed")

DEAL = by_name(
    (
        fact("id", Type.NUMBER, "deal number", "商机编号", Origin.MADE, Change.NEVER),
        fact("external_id", Type.TEXT, "external id", "外部标识"),
        fact("name", Type.TEXT, "name", "名称"),
        fact("pipeline", Type.TEXT, "pipeline", "销售管道", Origin.STAGE, Change.STAGE),
        fact("stage", Type.TEXT, "stage", "阶段"),
        fact(
            "stage_kind",
            Type.TEXT,
            "stage kind",
            "阶段类别",
            Origin.STAGE,
            Change.STAGE,
            values=STAGE_KINDS,
        ),
        fact(
            "stage_entered_at",
            Type.DATETIME,
            "stage entered",
            "进入阶段时间",
            Origin.KEPT,
            Change.STAGE,
        ),
        fact("amount", Type.MONEY, "amount", "金额", in_base=True),
        fact(
            "probability_percent",
            Type.NUMBER,
            "probability (%)",
            "赢单率（%）",
            Origin.STAGE,
            Change.STAGE,
        ),
        fact(
            "forecast_category",
            Type.TEXT,
            "forecast category",
            "预测类别",
            values=FORECAST_CATEGORIES,
        ),
        fact("expected_close_on", Type.DATE, "expected close", "预计成交日期"),
        fact("opened_at", Type.DATETIME, "opened", "开启时间"),
        fact("closed_at", Type.DATETIME, "closed", "关闭时间"),
        fact("lost_reason", Type.TEXT, "lost reason", "丢单原因"),
        fact("owner_id", Type.NUMBER, "owner", "负责人"),
        fact("created_at", Type.DATETIME, "created", "创建时间", Origin.MADE, Change.NEVER),
        fact("updated_at", Type.DATETIME, "updated", "更新时间", Origin.KEPT),
    )
)
