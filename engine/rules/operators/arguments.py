"""What an operator takes, said once for the check of its count, for documents and for editors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.rules.types import Label

Kind = Literal[
    "any",
    "text",
    "number",
    "money",
    "boolean",
    "date",
    "datetime",
    "set",
    "list",
    "condition",
    "null",
    "written text",
    "written number",
    "written list",
    "texts",
    "fact",
    "kept field",
    "name",
    "sign",
    "count",
    "unit",
    "period",
    "anchor",
    "length",
    "window",
    "filters",
    "currency",
]

KINDS: Mapping[Kind, Label] = {
    "any": Label("a value of any type, the same on both sides", "任意类型的值，两边类型相同"),
    "text": Label("a text", "文本"),
    "number": Label("a number", "数字"),
    "money": Label("an amount with its currency", "带币种的金额"),
    "boolean": Label("yes or no", "是或否"),
    "date": Label('a date, written "2026-03-01"', "日期，写作 “2026-03-01”"),
    "datetime": Label(
        'an instant, written with its offset: "2026-03-01T09:30:00+08:00"',
        "时刻，写明时差：“2026-03-01T09:30:00+08:00”",
    ),
    "set": Label("a set of texts, such as tags", "一组文本，例如标签"),
    "list": Label(
        "the records of a subject: orders, events, deals, tickets",
        "所属的记录：订单、事件、商机、工单",
    ),
    "condition": Label("a condition: true or false", "条件：成立或不成立"),
    "null": Label("null, for nothing", "null，表示没有"),
    "written text": Label("a text written in the rule", "写在规则中的文本"),
    "written number": Label("a number written in the rule", "写在规则中的数字"),
    "written list": Label(
        "a list of texts, numbers, dates or times written in the rule",
        "写在规则中的文本、数字、日期或时刻列表",
    ),
    "texts": Label("a list of texts written in the rule", "写在规则中的文本列表"),
    "fact": Label(
        'the path of a fact, such as "contact.country"; inside a list the name of a field',
        "事实的路径，例如 “contact.country”；列表内为字段名",
    ),
    "kept field": Label(
        'a field whose changes are written down, such as {"var": "contact.country"}',
        "变更有记录的字段，例如 {“var”: “contact.country”}",
    ),
    "name": Label("the name of an event or a segment", "事件或客户群的名称"),
    "sign": Label('one of "==" "!=" "<" "<=" ">" ">="', "“==” “!=” “<” “<=” “>” “>=” 之一"),
    "count": Label("a whole number from 1 to 36,500", "1 到 36,500 的整数"),
    "unit": Label(
        "minutes, hours, days, weeks, months, quarters or years",
        "分钟、小时、天、周、月、季度或年",
    ),
    "period": Label("days, weeks, months, quarters or years", "天、周、月、季度或年"),
    "anchor": Label(
        '"now", or "day" "week" "month" "quarter" "year" for the first day of the current one',
        "“now”，或 “day” “week” “month” “quarter” “year”，即当前周期的第一天",
    ),
    "length": Label('a length of time such as "-P3D" or "2w"', "时长，例如 “-P3D” 或 “2w”"),
    "window": Label(
        'a test of a time without the time itself: ["in_last", 30, "days"], ["this_month"]',
        "省去时间本身的时间条件：[“in_last”, 30, “days”]、[“this_month”]",
    ),
    "filters": Label("an object of properties and what each must be", "由属性及其要求组成的对象"),
    "currency": Label('a currency in three capitals, such as "EUR"', "三个大写字母，如 “EUR”"),
}

# An operator that takes any number of arguments takes no more than a list may hold.
ANY_COUNT = 1_000


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument, or a run of equal ones: how few and how many there may be."""

    name: str
    kinds: tuple[Kind, ...]
    least: int = 1
    most: int = 1


def argument(name: str, *kinds: Kind, least: int = 1, most: int = 1) -> Argument:
    """An argument that may be of several kinds."""
    return Argument(name, kinds, least, most)


def optional(name: str, *kinds: Kind) -> Argument:
    """An argument that may be left out, or be null where another one follows."""
    return Argument(name, kinds, least=0)


# Old entries say only how many arguments there are.
Takes = int | tuple[int, int] | tuple[Argument, ...]


def counted(takes: Takes) -> tuple[tuple[Argument, ...], int, int]:
    """The arguments and how few and how many of them there may be."""
    if isinstance(takes, int):
        return (), takes, takes
    known = tuple(one for one in takes if isinstance(one, Argument))
    if len(known) == len(takes):
        return known, sum(one.least for one in known), sum(one.most for one in known)
    least, most = (one for one in takes if isinstance(one, int))
    return (), least, most
