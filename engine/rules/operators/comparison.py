"""Comparing values: equal, ordered, between, one of, set or empty."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.check import read_as
from engine.rules.checked import Checked, Null, described, type_of
from engine.rules.operators.comparing import Sign, between, compare, presence
from engine.rules.operators.entry import Call, operator
from engine.rules.operators.sides import known_value, parse_when
from engine.rules.problems import Code, shown, step_into
from engine.rules.text_folding import fold
from engine.rules.types import Type

_STAGE = {"var": "contact.lifecycle_stage"}
_SCORE = {"var": "contact.score"}
_SEEN = {"var": "contact.last_seen_at"}


def _two(call: Call, sign: Sign) -> ir.Predicate | None:
    left, right = call.node(0), call.node(1)
    if left is None or right is None:
        return None
    return compare(call, sign, left, right, (0, 1))


@operator("==", "is", "等于", takes=2, absent="false", example={"==": [_STAGE, "customer"]})
def equal(call: Call) -> Checked | None:
    return _two(call, "==")


@operator("===", "is", "等于", takes=2, absent="false", example={"===": [_STAGE, "customer"]})
def strictly_equal(call: Call) -> Checked | None:
    return _two(call, "==")


@operator("!=", "is not", "不等于", takes=2, absent="true", example={"!=": [_STAGE, "customer"]})
def unequal(call: Call) -> Checked | None:
    return _two(call, "!=")


@operator("!==", "is not", "不等于", takes=2, absent="true", example={"!==": [_STAGE, "customer"]})
def strictly_unequal(call: Call) -> Checked | None:
    return _two(call, "!=")


def _ordered(call: Call, sign: Sign) -> ir.Predicate | None:
    if len(call.arguments) == 2:
        return _two(call, sign)
    low, value, high = call.node(0), call.node(1), call.node(2)
    if low is None or value is None or high is None:
        return None
    if sign == "<=":
        return between(call, value, low, high, (1, 0, 2))
    above = compare(call, ">", value, low, (1, 0))
    below = compare(call, "<", value, high, (1, 2))
    return None if above is None or below is None else ir.And((above, below))


@operator("<", "less than", "小于", takes=(2, 3), absent="false", example={"<": [_SCORE, 40]})
def less(call: Call) -> Checked | None:
    return _ordered(call, "<")


@operator("<=", "at most", "不大于", takes=(2, 3), absent="false", example={"<=": [_SCORE, 40]})
def at_most(call: Call) -> Checked | None:
    return _ordered(call, "<=")


@operator(">", "more than", "大于", takes=2, absent="false", example={">": [_SCORE, 40]})
def more(call: Call) -> Checked | None:
    return _two(call, ">")


@operator(">=", "at least", "不小于", takes=2, absent="false", example={">=": [_SCORE, 40]})
def at_least(call: Call) -> Checked | None:
    return _two(call, ">=")


@operator(
    "between",
    "is between",
    "介于",
    takes=3,
    absent="false",
    example={"between": [_SCORE, 10, 20]},
)
def between_(call: Call) -> Checked | None:
    value, low, high = call.node(0), call.node(1), call.node(2)
    if value is None or low is None or high is None:
        return None
    return between(call, value, low, high, (0, 1, 2))


@operator(
    "window",
    "is within",
    "在范围内",
    takes=3,
    absent="false",
    example={"window": [_SEEN, {"moment": ["month"]}, None]},
)
def window(call: Call) -> Checked | None:
    """Like between, but either end may be null for an open one."""
    value, low, high = call.node(0), call.node(1), call.node(2)
    if value is None or low is None or high is None:
        return None
    if isinstance(low, Null) and isinstance(high, Null):
        call.problem("null_not_allowed", '"window" needs at least one end.', 1)
        return None
    if isinstance(low, Null):
        return compare(call, "<=", value, high, (0, 2))
    if isinstance(high, Null):
        return compare(call, ">=", value, low, (0, 1))
    return between(call, value, low, high, (0, 1, 2))


def _on_a_date(call: Call, sign: Sign) -> ir.Predicate | None:
    value = call.value(0, Type.DATETIME, Type.DATE)
    when = call.node(1)
    if value is None or when is None:
        return None
    return compare(call, sign, value, when, (0, 1))


@operator(
    "before",
    "is before",
    "早于",
    takes=2,
    absent="false",
    example={"before": [_SEEN, "2026-03-01"]},
)
def before(call: Call) -> Checked | None:
    return _on_a_date(call, "<")


@operator(
    "after", "is after", "晚于", takes=2, absent="false", example={"after": [_SEEN, "2026-03-01"]}
)
def after(call: Call) -> Checked | None:
    return _on_a_date(call, ">")


@operator("on", "is on", "在当天", takes=2, absent="false", example={"on": [_SEEN, "2026-03-01"]})
def on(call: Call) -> Checked | None:
    return _on_a_date(call, "==")


@operator(
    "is_set",
    "is known",
    "已知",
    takes=1,
    absent="false; an empty text, set or list counts as absent",
    example={"is_set": [{"var": "contact.phone"}]},
)
def is_set(call: Call) -> Checked | None:
    node = call.node(0)
    return None if node is None else presence(call, node, 0)


@operator(
    "in",
    "is any of",
    "属于",
    takes=2,
    absent="false",
    example={"in": [{"var": "contact.country"}, ["SG", "MY"]]},
)
def in_(call: Call) -> Checked | None:
    """Membership in a written-out list, a piece of a text, or a member of a set, by the second
    argument.
    """
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
    return None if place is None else ir.TextTest("contains", place, needle)


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
