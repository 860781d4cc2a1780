"""Words that are written out in other words before anything is checked, so they need no meaning of
their own.
"""

from __future__ import annotations

from engine.rules.check import Placed
from engine.rules.operators.entry import macro

_TITLE = {"var": "contact.job_title"}
_TAGS = {"var": "contact.tags"}
_EVENTS = {"var": "events"}
_COUNTRY = {"var": "contact.country"}


@macro(
    "is_empty",
    "is unknown",
    "未知",
    takes=1,
    absent="true; an empty text, set or list counts as absent",
    example={"is_empty": [{"var": "contact.phone"}]},
)
def is_empty(arguments: list[Placed]) -> object:
    return {"!": [{"is_set": arguments}]}


@macro(
    "!in", "is none of", "不属于", takes=2, absent="true", example={"!in": [_COUNTRY, ["SG", "MY"]]}
)
def not_in(arguments: list[Placed]) -> object:
    return {"!": [{"in": arguments}]}


@macro(
    "not_in",
    "is none of",
    "不属于",
    takes=2,
    absent="true",
    example={"not_in": [_COUNTRY, ["SG", "MY"]]},
)
def spelled_not_in(arguments: list[Placed]) -> object:
    return {"!": [{"in": arguments}]}


@macro(
    "not_contains",
    "does not contain",
    "不包含",
    takes=2,
    absent="true",
    example={"not_contains": [_TITLE, "intern"]},
)
def not_contains(arguments: list[Placed]) -> object:
    return {"!": [{"contains": arguments}]}


@macro(
    "not_starts_with",
    "does not start with",
    "开头不是",
    takes=2,
    absent="true",
    example={"not_starts_with": [_TITLE, "Junior"]},
)
def not_starts_with(arguments: list[Placed]) -> object:
    return {"!": [{"starts_with": arguments}]}


@macro(
    "not_ends_with",
    "does not end with",
    "结尾不是",
    takes=2,
    absent="true",
    example={"not_ends_with": [_TITLE, "assistant"]},
)
def not_ends_with(arguments: list[Placed]) -> object:
    return {"!": [{"ends_with": arguments}]}


@macro(
    "has_none",
    "has none of",
    "不含任一",
    takes=2,
    absent="true",
    example={"has_none": [_TAGS, ["vip", "press"]]},
)
def has_none(arguments: list[Placed]) -> object:
    return {"!": [{"has_any": arguments}]}


@macro(
    "is_true",
    "is yes",
    "为是",
    takes=1,
    absent="false",
    example={"some": [_EVENTS, {"is_true": [{"var": "properties.gift"}]}]},
)
def is_true(arguments: list[Placed]) -> object:
    return {"==": [arguments[0], True]}


@macro(
    "is_false",
    "is no",
    "为否",
    takes=1,
    absent="false",
    example={"some": [_EVENTS, {"is_false": [{"var": "properties.gift"}]}]},
)
def is_false(arguments: list[Placed]) -> object:
    return {"==": [arguments[0], False]}
