"""Amounts in the base currency, as they were converted when they were written."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.checked import Checked, Money, described
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, operator
from engine.rules.types import Type

_TOTAL = {"var": "total"}


@operator(
    "in_base",
    "in base currency",
    "折合本位币",
    takes=(argument("of", "money"),),
    gives="number",
    means=(
        "The amount in the smallest unit of the base currency, converted at the rate of its day.",
        "以本位币最小单位表示的金额，按其日期的汇率折算。",
    ),
    sql="total_base_minor",
    absent="absent without an amount, or where no rate was known for its day",
    example={
        "some": [{"var": "orders"}, {">=": [{"in_base": [_TOTAL]}, 10_000]}],
    },
)
def in_base(call: Call) -> Checked | None:
    amount = call.node(0)
    if amount is None:
        return None
    if not isinstance(amount, Money):
        call.problem("wrong_type", f'"in_base" needs an amount, not {described(amount)}.', 0)
        return None
    kept = _kept(call, amount)
    if kept is None:
        call.problem(
            "wrong_type",
            '"in_base" needs a fact that is kept in the base currency, such as an order\'s total '
            "or a deal's amount.",
            0,
        )
    return kept


def _kept(call: Call, amount: Money) -> ir.Field | None:
    """The field beside the amount, where there is one."""
    if not isinstance(amount.minor, ir.Field):
        return None
    path = amount.minor.path[:-1]
    fact = call.checker.fact_of(ir.Field(Type.MONEY, path), call.scope) if path else None
    if fact is None or not fact.in_base:
        return None
    return ir.Field(Type.NUMBER, (*path, "base"))
