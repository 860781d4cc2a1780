"""How a field describes itself to the form: words in both languages, and the widget to draw.

The JSON Schema of a step or a trigger is all that the designer knows of it. `title` and
`description` are English; their Chinese twins and the widget travel beside them.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic.config import JsonDict

from engine.flows.words import Words

Widget = Literal[
    "text",
    "long_text",
    "span",
    "event_picker",
    "template_picker",
    "rule",
    "cases",
    "arms",
    "weight",
    "assignee",
    "field_values",
    "tags",
    "field_formulas",
    "clock_time",
    "weekdays",
    "date_field",
    "offset",
    "switch",
    "points",
    "properties",
    "node_limit",
    "segment_picker",
    "flow_picker",
    "flow_moment",
    "hook_picker",
    "record_kind",
    "fields",
    "winner",
    "team_picker",
    "assignment_picker",
    "assign_way",
    "stage_picker",
    "pipeline_picker",
    "deal_choice",
    "calendar_picker",
    "new_record_kind",
    "priority",
    "amount",
    "currency",
    "time_kind",
    "cron",
    "calendar_kind",
    "leap_day",
    "day_shift",
    "stage_kind",
    "country",
    "missed",
    "levels",
]

WIDGETS: Final[dict[Widget, Words]] = {
    "text": Words("one line of text", "单行文本"),
    "long_text": Words("several lines of text", "多行文本"),
    "span": Words("a length of time", "时长"),
    "event_picker": Words("the name of an event", "事件名称"),
    "template_picker": Words("a message template", "消息模板"),
    "rule": Words("a rule", "规则"),
    "cases": Words("rules in order, each with a way out", "按顺序排列的规则，各有出口"),
    "arms": Words("named shares", "命名的分支比例"),
    "weight": Words("a whole number", "整数"),
    "assignee": Words("a person", "人员"),
    "field_values": Words("fields and their new values", "字段及其新值"),
    "tags": Words("tags", "标签"),
    "field_formulas": Words("fields and how their values are worked out", "字段及其计算方式"),
    "clock_time": Words("a time of day", "时刻"),
    "weekdays": Words("days of the week", "星期"),
    "date_field": Words("a date of the contact", "联系人的日期字段"),
    "offset": Words("before or after", "提前或推后"),
    "switch": Words("yes or no", "是或否"),
    "points": Words("points, also negative", "分数，可为负"),
    "properties": Words("names with values", "名称与值"),
    "node_limit": Words("how often at most", "最多次数"),
    "segment_picker": Words("a saved segment", "已保存的分群"),
    "flow_picker": Words("another flow", "另一个流程"),
    "flow_moment": Words("a moment of another flow", "另一个流程的时机"),
    "hook_picker": Words("a source of webhooks", "Webhook 来源"),
    "record_kind": Words("a kind of record", "记录类型"),
    "fields": Words("names of fields", "字段名"),
    "team_picker": Words("a team", "团队"),
    "assignment_picker": Words("assignment rules", "分配规则"),
    "assign_way": Words("how one of several is chosen", "如何从多人中选择"),
    "stage_picker": Words("a stage of a pipeline", "管道阶段"),
    "pipeline_picker": Words("a pipeline", "销售管道"),
    "deal_choice": Words("one of several deals", "多个商机之一"),
    "calendar_picker": Words("a calendar of working hours", "工作日历"),
    "new_record_kind": Words("a kind of record to make", "要创建的记录类型"),
    "priority": Words("how urgent", "紧急程度"),
    "amount": Words("a number, or how it is worked out", "数字或其计算方式"),
    "currency": Words("a currency", "货币"),
    "time_kind": Words("all time, or working time", "全部时间或工作时间"),
    "cron": Words("a schedule in five fields", "五段式计划"),
    "calendar_kind": Words("by which calendar a day comes round", "按哪种历法循环"),
    "leap_day": Words("when 29 February is kept in other years", "平年何时过 2 月 29 日"),
    "day_shift": Words("where a day off goes", "遇休息日的处理"),
    "stage_kind": Words("whether a deal is open, won or lost", "商机进行中、赢单或丢单"),
    "country": Words("a country", "国家/地区"),
    "missed": Words("what is made up for", "错过后如何补"),
    "winner": Words("how a winner is found", "如何决出胜者"),
    "levels": Words("people to be told, level after level", "逐级通知的人员"),
}


def hints(title_zh: str, help_zh: str, widget: Widget) -> JsonDict:
    """What a field adds to its JSON Schema beside `title` and `description`."""
    return {"title_zh": title_zh, "description_zh": help_zh, "widget": widget}


def fields_of(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The properties of a schema by the key people write."""
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    return properties
