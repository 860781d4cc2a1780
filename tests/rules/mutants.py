"""Faults that could creep into the ways of asking a rule, each put in place for a while."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import Double, Numeric, cast, func, true

from engine.rules import explain, ir
from engine.rules.evaluate import predicates as closures
from engine.rules.evaluate import reading
from engine.rules.evaluate.common_shapes import differs
from engine.rules.moments import resolver
from engine.rules.to_sql import Reach, having, in_documents, one_list, predicates, set_wise, values
from engine.rules.to_sql.literals import typed
from engine.rules.to_sql.per_record import PerRecord
from engine.rules.to_sql.predicates import Predicates
from engine.rules.to_sql.set_wise import SetWise
from engine.rules.to_sql.values import Values
from engine.rules.types import Type
from engine.services.fact_columns import ACCOUNT, CONTACT, contact_rows
from tests.rules import agreement
from tests.rules import random_rules as some

Rules = st.SearchStrategy[Any]
Seed = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """`plant` puts the fault in place. `near` are rules of the kind that can show it, and `reach`
    a shape of SQL in which it shows.
    """

    name: str
    plant: Seed
    near: Rules
    reach: Reach = "all"


ALL: list[Mutant] = []


def fault(name: str, near: Rules, reach: Reach = "all") -> Callable[[Seed], Seed]:
    def collect(plant: Seed) -> Seed:
        ALL.append(Mutant(name, plant, near, reach))
        return plant

    return collect


def negated(near: Rules) -> Rules:
    return near.map(lambda document: {"!": [document]})


numbers = some.compared_numbers("root", 1)
texts = some.text_tests("root")
times = some.time_tests("root")
lists = some.list_tests(0)
joined = some.condition("root", 1)
prices: Rules = st.sampled_from([0.3, 0.1, 5.1, 5.3, 0.30000000000000004]).map(
    lambda sum_: {"==": [{"sum": [{"var": "events"}, {"var": "properties.price"}]}, sum_]}
)


def var(*paths: str) -> Rules:
    return st.sampled_from(paths).map(lambda path: {"var": path})


# Narrow kinds of rules, for faults that few values show.
TITLE, SEATS = var("contact.job_title", "contact.country"), var("contact.custom.seats")
underscores = some.op("contains", TITLE, st.sampled_from(["_", "a_b", "\\", "%", "A", "SS"]))
quotients = some.signed(some.op("/", st.sampled_from([0.1, 0.3, 1]), SEATS), some.numbers)
halves = some.signed(some.op("/", var("contact.score"), st.just(2)), some.numbers)
choices = some.op("in", var("contact.score"), st.lists(some.numbers, min_size=1, max_size=4))
labels = some.op("has_all", var("contact.custom.labels"), st.just(["vip", "press"]))
items = var("orders").map(lambda orders: [orders, {"var": "item_count"}])
averages = some.signed(items.map(lambda given: {"avg_of": given}), some.numbers)
counts = some.signed(
    some.op("count", var("orders"), some.condition("orders", 0)), st.sampled_from([0, 1, 2])
)
two_counts = some.op("and", counts, counts)
properties: Rules = st.tuples(
    some.signed(var("properties.total"), st.sampled_from([0, 1, 2.5]))
    | some.signed(var("properties.plan"), st.sampled_from(["true", "9", "5"]))
).map(lambda given: {"some": [{"var": "events"}, given[0]]})


@fault("NOT over a comparison with NULL", negated(numbers))
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Predicates,
        "_compare_fails",
        lambda self, node, scope: self._sides(node, scope, predicates._OPPOSITES),
    )


def _texts_by(test: Callable[[Any, str], Any]) -> Seed:
    before = Predicates._test

    def changed(self: Any, node: Any, scope: Any) -> Any:
        if isinstance(node, ir.TextTest) and node.test == "contains":
            return test(self.value(node.value, scope), node.text)
        return before(self, node, scope)

    return lambda patch: patch.setattr(Predicates, "_test", changed)


fault("contains by LIKE", underscores)(_texts_by(lambda value, text: value.like(f"%{text}%")))
fault("contains without case", underscores)(
    _texts_by(lambda value, text: value.icontains(text, autoescape=True))
)
fault("contains by LIKE with half an escape", underscores)(
    _texts_by(lambda value, text: value.like("%" + text.replace("%", r"\%") + "%"))
)


@fault("a window without its last instant", times)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Predicates._test

    def changed(self: Any, node: Any, scope: Any) -> Any:
        if isinstance(node, ir.Within):
            node = ir.Within(node.value, node.low, node.high, closed=False)
        return before(self, node, scope)

    patch.setattr(Predicates, "_test", changed)


@fault("an empty text that is not empty", texts)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Predicates._is_unset

    def changed(self: Any, node: Any, scope: Any) -> Any:
        if isinstance(node.value, ir.Field) and node.value.type is Type.TEXT:
            return self.value(node.value, scope).is_(None)
        return before(self, node, scope)

    patch.setattr(Predicates, "_is_unset", changed)


@fault("only contacts with an account", negated(texts))
def _(patch: pytest.MonkeyPatch) -> None:
    together = CONTACT.join(ACCOUNT, CONTACT.c.account_id == ACCOUNT.c.id)
    before = contact_rows
    patch.setattr(
        agreement,
        "contact_rows",
        lambda reads: together if reads.records == {"account"} else before(reads),
    )


@fault("whole division", halves)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Values._arithmetic

    def changed(self: Any, node: Any, scope: Any) -> Any:
        if node.sign != "/":
            return before(self, node, scope)
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        return func.div(cast(left, Numeric()), func.nullif(right, 0))

    patch.setattr(Values, "_arithmetic", changed)


@fault("a quotient of 15 digits", quotients)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Values._arithmetic

    def changed(self: Any, node: Any, scope: Any) -> Any:
        found = before(self, node, scope)
        return cast(cast(found, Numeric()), Double()) if node.sign == "/" else found

    patch.setattr(Values, "_arithmetic", changed)


@fault("a literal of its column's type", choices)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Predicates._test

    def changed(self: Any, node: Any, scope: Any) -> Any:
        if isinstance(node, ir.OneOf):
            # what a driver does to 0.1 on its way to a bigint column
            value = self.value(node.value, scope)
            whole = [int(one) if isinstance(one, float) else one for one in node.options]
            return value.in_(list(map(typed, whole)))
        return before(self, node, scope)

    patch.setattr(Predicates, "_test", changed)


@fault("all of nothing is true", lists, "one")
def _(patch: pytest.MonkeyPatch) -> None:
    before = PerRecord.quantified

    def changed(self: Any, node: Any) -> Any:
        if node.quantifier == "every":
            return ~self._any_of(node.items, ir.Not(node.where))
        return before(self, node)

    patch.setattr(PerRecord, "quantified", changed)


@fault("at least is more than", counts)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(predicates._SIGNS, ">=", operator.gt)


@fault("De Morgan's and stays an and", negated(joined))
def _(patch: pytest.MonkeyPatch) -> None:
    before = SetWise.fails

    def changed(self: Any, node: Any, scope: Any) -> Any:
        if isinstance(node, ir.And):
            return self.holds(ir.And(tuple(map(ir.Not, node.parts))), scope)
        return before(self, node, scope)

    patch.setattr(SetWise, "fails", changed)


@fault("doubles added up as doubles", prices)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(values, "_exact", lambda value: cast(value, Double()))


@fault("days of another zone", times)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Values.constant

    def utc(moment: ir.Moment) -> Any:
        return lambda now, _: resolver(moment)(now, "UTC")

    def changed(self: Any, node: Any) -> Any:
        return (
            before(self, node) if isinstance(node, ir.Literal) else resolver(node)(self.now, "UTC")
        )

    patch.setattr(Values, "constant", changed)


@fault("any of a set in JSON where all are asked for", labels)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Predicates._json_has
    patch.setattr(
        Predicates,
        "_json_has",
        lambda self, node, scope: before(self, ir.Has(node.set, node.wanted), scope),
    )


@fault("nothing holds for an empty list", lists)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(set_wise, "holds_without_items", lambda node, now, zone: False)


@fault("a pass over a list that sees the items of its first condition only", two_counts)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(having, "looked_at", lambda node: one_list.looked_at(node)[:1])


@fault("a count of nulls in an average", averages)
def _(patch: pytest.MonkeyPatch) -> None:
    before = Values.folded_up

    def changed(self: Any, node: Any, scope: Any, picked: Any = None) -> Any:
        if isinstance(node, ir.Aggregate) and node.function == "avg":
            total = before(
                self, ir.Aggregate("sum", node.items, node.value, node.where), scope, picked
            )
            return cast(total, Double()) / func.nullif(cast(func.count(), Double()), 0)
        return before(self, node, scope, picked)

    patch.setattr(Values, "folded_up", changed)


@fault("numbers in JSON too small to compute with", properties)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(in_documents, "_not_tiny", lambda number: true())


@fault("numbers in JSON too large to compute with", properties)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(in_documents, "NUMBER_LIMIT", 10**400)


@fault("a number in JSON that is a text", properties)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(in_documents, "_is_text", lambda document, path, matching: matching)


@fault("a complement over JSON that forgets NULL", negated(properties))
def _(patch: pytest.MonkeyPatch) -> None:
    before = Predicates.fails

    def changed(self: Any, node: Any, scope: Any) -> Any:
        if isinstance(node, ir.Compare):
            found = self._in_document(node, node.left, scope)
            if found is not None:
                return ~found
        return before(self, node, scope)

    patch.setattr(Predicates, "fails", changed)


@fault("closures: absent is not different", negated(texts) | texts)
def _(patch: pytest.MonkeyPatch) -> None:
    def changed(node: Any) -> Any:
        found = differs(node)
        if found is None:
            return None
        head, name = node.left.path
        return lambda record, at: (
            (record.get(head) or {}).get(name) is not None and found(record, at)
        )

    patch.setattr(closures, "differs", changed)


@fault("closures: true is a number", lists | numbers)
def _(patch: pytest.MonkeyPatch) -> None:
    before = reading._ACCEPTS[Type.NUMBER]
    patch.setitem(
        reading._ACCEPTS,
        Type.NUMBER,
        lambda value: int(value) if isinstance(value, bool) else before(value),
    )


@fault("explained in another zone", times)
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(explain, "resolver", lambda moment: lambda now, _: resolver(moment)(now, "UTC"))
