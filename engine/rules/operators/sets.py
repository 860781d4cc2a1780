"""Sets of texts, such as tags: what they hold."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.check import Placed
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, macro, operator
from engine.rules.problems import shown, step_into
from engine.rules.types import Type

_TAGS = {"var": "contact.tags"}
_SET = argument("set", "set")
_ONE = (_SET, argument("text", "written text"))
_SEVERAL = (_SET, argument("texts", "texts"))


@operator(
    "has",
    "has",
    "含有",
    takes=_ONE,
    means=("The text is a member of the set, whole and exact.", "集合中有该文本，完整一致。"),
    absent="false",
    sql="EXISTS (SELECT FROM contact_tag WHERE tag = :text)",
    example={"has": [_TAGS, "vip"]},
)
def has(call: Call) -> Checked | None:
    holder, wanted = call.value(0, Type.SET), call.text(1)
    if not isinstance(holder, ir.Field) or wanted is None:
        return None
    return ir.Has(holder, (wanted,))


@operator(
    "has_any",
    "has any of",
    "含有任一",
    takes=_SEVERAL,
    means=("At least one of the texts is a member.", "至少含有其中一项。"),
    absent="false",
    sql="EXISTS (SELECT FROM contact_tag WHERE tag IN (:a, :b))",
    example={"has_any": [_TAGS, ["vip", "press"]]},
)
def has_any(call: Call) -> Checked | None:
    return _has_several(call, every=False)


@operator(
    "has_all",
    "has all of",
    "含有全部",
    takes=_SEVERAL,
    means=(
        "Every one of the texts is a member, maybe among others.",
        "含有全部各项，也可有其他项。",
    ),
    absent="false",
    sql="EXISTS (tag = :a) AND EXISTS (tag = :b)",
    example={"has_all": [_TAGS, ["vip", "press"]]},
)
def has_all(call: Call) -> Checked | None:
    return _has_several(call, every=True)


@macro(
    "has_none",
    "has none of",
    "不含任一",
    takes=_SEVERAL,
    means=("The exact complement of has any of.", "“含有任一”的完全相反。"),
    absent="true",
    example={"has_none": [_TAGS, ["vip", "press"]]},
)
def has_none(arguments: list[Placed]) -> object:
    return {"!": [{"has_any": arguments}]}


def _has_several(call: Call, *, every: bool) -> ir.Predicate | None:
    holder = call.value(0, Type.SET)
    raw = call.raw(1)
    if not isinstance(raw, list | tuple) or not raw:
        call.problem("empty_group", f'"{call.name}" needs a list with at least one text.', 1)
        return None
    wanted: list[str] = []
    for position, item in enumerate(raw):
        place = step_into(call.place(1), position)
        literal = call.checker.node(item, call.scope, place)
        if isinstance(literal, ir.Literal) and isinstance(literal.value, str):
            wanted.append(literal.value)
        elif literal is not None:
            message = f"The list holds {shown(item)}, which is not a text."
            call.checker.problem(place, "wrong_type", message)
    if not isinstance(holder, ir.Field) or len(wanted) != len(raw):
        return None
    return ir.Has(holder, tuple(dict.fromkeys(wanted)), every)
