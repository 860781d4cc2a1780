"""How a field describes itself to the form: words in both languages, and the widget to draw.

The JSON Schema of a step is all that the designer knows of it. `title` and `description` are
English; their Chinese twins and the widget travel beside them.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic.config import JsonDict

from engine.steps.words import Words

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
}


def hints(title_zh: str, help_zh: str, widget: Widget) -> JsonDict:
    """What a field adds to its JSON Schema beside `title` and `description`."""
    return {"title_zh": title_zh, "description_zh": help_zh, "widget": widget}


def fields_of(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The properties of a step's schema by the key people write."""
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    return properties
