"""Amounts of money. Two amounts compare only within one currency; there is no exchange here."""

from __future__ import annotations

import re

from engine.rules import ir
from engine.rules.checked import Checked, Money, described
from engine.rules.limits import NUMBER_LIMIT
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, operator
from engine.rules.operators.lists import LIST, WHERE, item_scope
from engine.rules.operators.logic import conjunction
from engine.rules.types import Type

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_TOTAL = {"var": "total"}


@operator(
    "money",
    "amount",
    "金额",
    takes=(argument("minor", "written number"), argument("currency", "currency")),
    gives="money",
    means=(
        "A written-out amount in the smallest unit of its currency: 1250 and EUR are 12.50 euros.",
        "以币种最小单位写出的金额：1250 与 EUR 即 12.50 欧元。",
    ),
    sql="currency = :currency AND minor >= :minor",
    absent="never absent",
    example={
        "some": [{"var": "orders"}, {">=": [_TOTAL, {"money": [10_000, "EUR"]}]}],
    },
)
def money(call: Call) -> Checked | None:
    minor = call.raw(0)
    currency = _currency(call, 1)
    if not isinstance(minor, int) or isinstance(minor, bool) or abs(minor) > NUMBER_LIMIT:
        message = (
            'An amount is a whole number in the smallest unit, such as {"money": [1250, "EUR"]}.'
        )
        call.problem("bad_money", message, 0)
        return None
    if currency is None:
        return None
    return Money(ir.Literal(Type.NUMBER, minor), ir.Literal(Type.TEXT, currency))


def _currency(call: Call, index: int) -> str | None:
    currency = call.raw(index)
    if isinstance(currency, str) and _CURRENCY.fullmatch(currency):
        return currency
    call.problem("bad_money", 'A currency is written as three capitals, such as "EUR".', index)
    return None


@operator(
    "money_sum",
    "sum of money",
    "金额总和",
    takes=(LIST, argument("of", "money"), argument("currency", "currency"), WHERE),
    gives="money",
    means=(
        "The amounts of the items in that currency, added up.",
        "该币种记录的金额之和。",
    ),
    sql="GROUP BY owner HAVING sum(minor) > :minor, over the rows of that currency",
    absent="0 for an empty list; items in other currencies add nothing",
    example={
        ">": [
            {"money_sum": [{"var": "orders"}, _TOTAL, "EUR"]},
            {"money": [50_000, "EUR"]},
        ]
    },
)
def money_sum(call: Call) -> Checked | None:
    items, currency = call.items(0), _currency(call, 2)
    if items is None or currency is None:
        return None
    scope = item_scope(items, call.scope)
    amount = call.node(1, scope)
    where = call.predicate(3, scope) if call.raw(3) is not None else ir.TRUE
    if amount is None or where is None:
        return None
    if not isinstance(amount, Money):
        call.problem("wrong_type", f'"money_sum" needs an amount, not {described(amount)}.', 1)
        return None
    literal = ir.Literal(Type.TEXT, currency)
    same_currency = ir.Compare("==", amount.currency, literal)
    total = ir.Aggregate("sum", items, amount.minor, conjunction(where, same_currency))
    return Money(total, literal)
