"""Reading a fact, and joining conditions."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.checked import Checked, Money, described, type_of
from engine.rules.operators.arguments import ANY_COUNT, argument
from engine.rules.operators.entry import Call, operator
from engine.rules.problems import shown
from engine.rules.types import Type

NEVER_ABSENT = "conditions are never absent"
_CONDITIONS = (argument("conditions", "condition", most=ANY_COUNT),)


@operator(
    "var",
    "value of",
    "的值",
    takes=(argument("path", "fact"),),
    gives="any",
    means=(
        "The value of a fact; inside a list the field of the item at hand.",
        "事实的值；列表内为当前记录的字段。",
    ),
    sql="the column, or the key of a jsonb document",
    absent="the value is absent",
    example={"is_set": [{"var": "contact.country"}]},
)
def var(call: Call) -> Checked | None:
    path = call.raw(0)
    if not isinstance(path, str):
        call.problem("unknown_field", f"A fact is named by a text, not by {shown(path)}.")
        return None
    return call.checker.read(path, call.scope, call.place(0))


def _parts(call: Call) -> tuple[ir.Predicate, ...] | None:
    parts = [call.predicate(index) for index in range(len(call.arguments))]
    known = tuple(part for part in parts if part is not None)
    return known if len(known) == len(parts) else None


@operator(
    "and",
    "all of",
    "全部满足",
    takes=_CONDITIONS,
    means=(
        "Every condition holds.",
        "每个条件都成立。",
    ),
    sql="a AND b",
    absent=NEVER_ABSENT,
    example={
        "and": [{"is_set": [{"var": "contact.email"}]}, {"is_set": [{"var": "contact.phone"}]}]
    },
)
def and_(call: Call) -> Checked | None:
    parts = _parts(call)
    return None if parts is None else conjunction(*parts)


@operator(
    "or",
    "any of",
    "任一满足",
    takes=_CONDITIONS,
    means=(
        "At least one condition holds.",
        "至少一个条件成立。",
    ),
    sql="a OR b",
    absent=NEVER_ABSENT,
    example={
        "or": [{"is_set": [{"var": "contact.email"}]}, {"is_set": [{"var": "contact.phone"}]}]
    },
)
def or_(call: Call) -> Checked | None:
    parts = _parts(call)
    if parts is None:
        return None
    return parts[0] if len(parts) == 1 else ir.Or(parts)


def conjunction(*parts: ir.Predicate) -> ir.Predicate:
    """All of the parts, without nesting and without parts that always hold."""
    flat: list[ir.Predicate] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, ir.And) else (part,))
    needed = tuple(part for part in flat if part != ir.TRUE)
    if not needed:
        return ir.TRUE
    return needed[0] if len(needed) == 1 else ir.And(needed)


@operator(
    "!",
    "not",
    "不满足",
    takes=(argument("condition", "condition", "text", "set", "list", "date", "datetime"),),
    means=(
        "The exact complement of a condition; of a text, set, list or time: it is unknown.",
        "条件的完全相反；对文本、集合、列表或时间则表示未知。",
    ),
    sql="pushed down to the leaves, which ask for NULL too",
    absent="the exact opposite of the condition inside; of a text or time: true when it is absent",
    example={"!": [{"<": [{"var": "contact.score"}, 40]}]},
)
def not_(call: Call) -> Checked | None:
    condition = _truth(call)
    return None if condition is None else negation(condition)


@operator(
    "!!",
    "is truly",
    "确实满足",
    takes=(argument("condition", "condition", "text", "set", "list", "date", "datetime"),),
    means=(
        "The condition itself; of a text, set, list or time: it is known.",
        "条件本身；对文本、集合、列表或时间则表示已知。",
    ),
    sql="the condition",
    absent="false",
    example={"!!": [{"var": "contact.email"}]},
)
def truly(call: Call) -> Checked | None:
    return _truth(call)


def negation(condition: ir.Predicate) -> ir.Predicate:
    match condition:
        case ir.Not(part):
            return part
        case ir.Constant(truth):
            return ir.Constant(not truth)
        case _:
            return ir.Not(condition)


# Builders write "is empty" as `!x`. On numbers that would call 0 empty, so numbers are refused.
_TRUTHY = frozenset({Type.TEXT, Type.SET, Type.LIST, Type.DATE, Type.DATETIME})


def _truth(call: Call) -> ir.Predicate | None:
    node = call.node(0)
    if node is None:
        return None
    if isinstance(node, ir.Field | ir.Items) and type_of(node) in _TRUTHY:
        return ir.IsSet(node)
    return call.checker.as_predicate(node, call.place(0))


@operator(
    "if",
    "if, then, else",
    "如果…则…否则",
    takes=(
        argument("condition", "condition"),
        argument("then", "any"),
        argument("further pairs, and else", "condition", "any", most=ANY_COUNT),
    ),
    gives="any",
    means=(
        "The answer behind the first condition that holds, else the last; all are of one type.",
        "第一个成立的条件之后的答案，否则为最后一个；各答案类型相同。",
    ),
    sql="CASE WHEN a THEN b ELSE c END",
    absent="the conditions decide; the chosen value may be absent",
    example={">": [{"if": [{"is_set": [{"var": "contact.phone"}]}, 10, 0]}, 5]},
)
def if_(call: Call) -> Checked | None:
    if len(call.arguments) % 2 == 0:
        call.problem("wrong_argument_count", '"if" needs an answer for when no condition holds.')
        return None
    tests = [call.predicate(index) for index in range(0, len(call.arguments) - 1, 2)]
    places = [*range(1, len(call.arguments), 2), len(call.arguments) - 1]
    answers = [call.node(index) for index in places]
    if any(part is None for part in (*tests, *answers)):
        return None
    result = answers[-1]
    for test, answer, place in zip(tests[::-1], answers[-2::-1], places[-2::-1], strict=True):
        assert test is not None
        assert answer is not None
        assert result is not None
        result = _choice(call, test, answer, result, place)
        if result is None:
            return None
    return result


def _choice(
    call: Call, test: ir.Predicate, then: Checked, otherwise: Checked, place: int
) -> Checked | None:
    if type_of(then) is not type_of(otherwise) or isinstance(then, Money | ir.Items):
        both = f"{described(then)} and {described(otherwise)}"
        message = f'"if" must answer with one type, not with {both}.'
        call.problem("wrong_type", message, place)
        return None
    if type_of(then) is Type.BOOLEAN:
        yes = call.checker.as_predicate(then, call.place(place))
        no = call.checker.as_predicate(otherwise, call.place(place))
        return None if yes is None or no is None else ir.Either(test, yes, no)
    kind = type_of(then)
    if kind is None or kind in (Type.PROPERTY, Type.SET):
        call.problem("type_unclear", '"if" can answer with texts, numbers, dates and times.', place)
        return None
    return ir.Choice(kind, test, then, otherwise)  # type: ignore[arg-type]  # values by now
