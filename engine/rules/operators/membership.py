"""Being one of several: in a written-out list, a piece of a text, a member of a set."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.check import Placed, read_as
from engine.rules.checked import Checked, Null, described, type_of
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, macro, operator
from engine.rules.operators.sides import known_value, parse_when
from engine.rules.problems import Code, shown, step_into
from engine.rules.text_folding import fold, fold_part
from engine.rules.types import Type

_COUNTRY = {"var": "contact.country"}
_TAKES = (
    argument("value", "text", "number", "date", "datetime", "written text"),
    argument("among", "written list", "text", "set"),
)
_NONE_OF = ("The exact complement of is any of.", "“属于”的完全相反。")


@operator(
    "in",
    "is any of",
    "属于",
    takes=_TAKES,
    means=(
        "By the second argument: one of a written list, a piece of a text, or in a set.",
        "由第二个参数决定：属于所列各项之一、是文本的一部分，或在集合中。",
    ),
    absent="false",
    sql="a IN (b, c); strpos(text, :piece) > 0; EXISTS (set)",
    example={"in": [_COUNTRY, ["SG", "MY"]]},
)
def in_(call: Call) -> Checked | None:
    if isinstance(call.raw(1), list | tuple):
        return _one_of(call)
    needle, haystack = call.text(0), call.node(1)
    if needle is None or haystack is None:
        return None
    if isinstance(haystack, ir.Field) and haystack.type is Type.SET:
        return ir.Has(haystack, (needle,))
    if isinstance(haystack, ir.Literal):
        call.problem("needs_literal", "Look for a text in a fact, or for a fact in a list.", 1)
        return None
    place = call.typed(haystack, 1, Type.TEXT)
    if place is None:
        return None
    folded = isinstance(place, ir.Field) and place.folded
    return ir.TextTest("contains", place, fold_part(needle) if folded else needle)


@macro(
    "!in",
    "is none of",
    "不属于",
    takes=_TAKES,
    means=_NONE_OF,
    absent="true",
    example={"!in": [_COUNTRY, ["SG", "MY"]]},
)
def not_in(arguments: list[Placed]) -> object:
    return {"!": [{"in": arguments}]}


@macro(
    "not_in",
    "is none of",
    "不属于",
    takes=_TAKES,
    means=_NONE_OF,
    absent="true",
    example={"not_in": [_COUNTRY, ["SG", "MY"]]},
)
def spelled_not_in(arguments: list[Placed]) -> object:
    return {"!": [{"in": arguments}]}


_LISTABLE = (Type.TEXT, Type.NUMBER, Type.DATE, Type.DATETIME)


def _one_of(call: Call) -> ir.Predicate | None:
    value = call.node(0)
    raw = call.raw(1)
    assert isinstance(raw, list | tuple)
    if not raw:
        call.problem("empty_group", "The list to choose from is empty.", 1)
        return None
    if value is None:
        return None
    kind = type_of(value)
    if kind is Type.PROPERTY and isinstance(value, ir.Field):
        kind = Type.NUMBER if isinstance(raw[0], int | float) else Type.TEXT
        value = read_as(value, kind)
    if kind not in _LISTABLE or isinstance(value, Null):
        hint = "; use has_any" if kind is Type.SET else ""
        call.problem("wrong_type", f'"in" cannot look for {described(value)}{hint}.', 0)
        return None
    options = [_option(call, kind, item, value, at) for at, item in enumerate(raw)]
    if any(option is None for option in options):
        return None
    return ir.OneOf(value, tuple(dict.fromkeys(options)))  # type: ignore[arg-type]


def _option(
    call: Call, kind: Type, item: object, value: Checked, position: int
) -> ir.Scalar | None:
    place = step_into(call.place(1), position)
    literal = call.checker.node(item, call.scope, place)
    if literal is None:
        return None
    if isinstance(literal, ir.Literal) and literal.type is Type.TEXT:
        if kind in (Type.DATE, Type.DATETIME):
            literal = parse_when(str(literal.value), times=kind is Type.DATETIME)
        elif isinstance(value, ir.Field) and not known_value(call, value, literal.value, place):
            return None
    if isinstance(literal, ir.Literal) and literal.type is kind:
        folded = isinstance(value, ir.Field) and value.folded
        return fold(str(literal.value)) if folded else literal.value
    code: Code = "null_not_allowed" if item is None else "wrong_type"
    call.checker.problem(place, code, f"The list holds {shown(item)}, which is not a {kind}.")
    return None
