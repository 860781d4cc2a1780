"""Arithmetic. Absent in, absent out; dividing by zero is absent."""

from __future__ import annotations

from functools import reduce

from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.limits import MAX_FACTORS
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, operator
from engine.rules.types import Type

_ABSENT = "absent when any part is"
_SCORE = {"var": "contact.score"}


def _arithmetic(call: Call, sign: ir.ArithmeticSign) -> ir.Value | None:
    parts = [call.value(index, Type.NUMBER) for index in range(len(call.arguments))]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    result = reduce(lambda left, right: ir.Arithmetic(sign, left, right), known)
    if _factors(result) > MAX_FACTORS:
        call.problem("too_steep", f"At most {MAX_FACTORS} numbers may be multiplied or divided.")
        return None
    return result


def _factors(value: ir.Value) -> int:
    """How many numbers are multiplied into the largest product; bounds the size of the result."""
    match value:
        case ir.Arithmetic(sign="*" | "/"):
            return _factors(value.left) + _factors(value.right)
        case ir.Arithmetic():
            return max(_factors(value.left), _factors(value.right))
        case ir.Choice():
            return max(_factors(value.then), _factors(value.otherwise))
        case ir.Aggregate():
            return 1 + _factors(value.value)
        case _:
            return 1


@operator(
    "+",
    "plus",
    "加",
    takes=(argument("numbers", "number", least=2, most=20),),
    gives="number",
    means=("The numbers added up, as doubles.", "各数之和，按双精度计算。"),
    absent=_ABSENT,
    sql="a + b",
    example={">": [{"+": [_SCORE, 5]}, 10]},
)
def plus(call: Call) -> Checked | None:
    return _arithmetic(call, "+")


@operator(
    "-",
    "minus",
    "减",
    takes=(argument("numbers", "number", least=1, most=2),),
    gives="number",
    means=(
        "The first number less the second; of one number, the same with the other sign.",
        "第一个数减第二个数；只有一个数时取相反数。",
    ),
    absent=_ABSENT,
    sql="a - b",
    example={">": [{"-": [_SCORE, 5]}, 10]},
)
def minus(call: Call) -> Checked | None:
    if len(call.arguments) == 2:
        return _arithmetic(call, "-")
    value = call.value(0, Type.NUMBER)
    return None if value is None else ir.Arithmetic("-", ir.Literal(Type.NUMBER, 0), value)


@operator(
    "*",
    "times",
    "乘",
    takes=(argument("numbers", "number", least=2, most=8),),
    gives="number",
    means=("The product of the numbers.", "各数之积。"),
    absent=_ABSENT,
    sql="a * b",
    example={">": [{"*": [_SCORE, 2]}, 10]},
)
def times(call: Call) -> Checked | None:
    return _arithmetic(call, "*")


@operator(
    "/",
    "divided by",
    "除以",
    takes=(argument("dividend", "number"), argument("divisor", "number")),
    gives="number",
    means=("The quotient with its fraction.", "商，保留小数。"),
    absent=f"{_ABSENT}, and when the divisor is 0",
    sql="a / NULLIF(b, 0)",
    example={">": [{"/": [_SCORE, 2]}, 10]},
)
def divided_by(call: Call) -> Checked | None:
    return _arithmetic(call, "/")
