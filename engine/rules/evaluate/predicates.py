"""Closures for conditions. The common shapes have closures of their own, because rules run millions
of times.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from engine.local_time import days_of_the_year
from engine.rules import ir
from engine.rules.evaluate.common_shapes import compares, differs, in_window, is_one_of
from engine.rules.evaluate.joining import all_of, any_of
from engine.rules.evaluate.reading import Test, ValueOf
from engine.rules.evaluate.values import Values

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Predicates(Values):
    """Compiles conditions; every closure answers True or False, also about absent values."""

    def predicate(self, node: ir.Predicate) -> Test:
        match node:
            case ir.Constant(truth):
                return lambda _, __: truth
            case ir.IsTrue():
                value = self.value(node.value)
                return lambda record, instants: value(record, instants) is True
            case ir.And():
                return all_of(tuple(map(self.predicate, node.parts)))
            case ir.Or():
                return any_of(tuple(map(self.predicate, node.parts)))
            case ir.Not():
                if (shortcut := differs(node.part)) is not None:
                    return shortcut
                part = self.predicate(node.part)
                return lambda record, instants: not part(record, instants)
            case ir.Either():
                return self._either(node)
            case ir.Compare():
                return self._compare(node)
            case ir.Within():
                return self._within(node)
            case ir.ComesRound():
                return self._comes_round(node)
            case ir.OneOf():
                if (shortcut := is_one_of(node)) is not None:
                    return shortcut
                value, options = self.value(node.value), frozenset(node.options)
                return lambda record, instants: value(record, instants) in options
            case ir.Has():
                return self._has(node)
            case ir.TextTest():
                return _text_test(node, self.value(node.value))
            case ir.IsSet():
                return self._is_set(node)
            case ir.Quantified():
                return self._quantified(node)

    def _either(self, node: ir.Either) -> Test:
        test, then, other = map(self.predicate, (node.test, node.then, node.otherwise))
        return lambda record, instants: (then if test(record, instants) else other)(
            record, instants
        )

    def _compare(self, node: ir.Compare) -> Test:
        if (shortcut := compares(node)) is not None:
            return shortcut
        left, holds = self.value(node.left), _ORDER[node.operator]
        match node.right:
            case ir.Literal(value=constant):
                if node.operator == "==":
                    return lambda record, instants: left(record, instants) == constant

                def against_constant(record: Any, instants: Any) -> bool:
                    value = left(record, instants)
                    return value is not None and holds(value, constant)

                return against_constant
            case ir.Moment():
                place = self.number_of(node.right)

                def against_moment(record: Any, instants: Any) -> bool:
                    value = left(record, instants)
                    return value is not None and holds(value, instants[place])

                return against_moment
        right = self.value(node.right)

        def against_value(record: Any, instants: Any) -> bool:
            a, b = left(record, instants), right(record, instants)
            return a is not None and b is not None and holds(a, b)

        return against_value

    def _within(self, node: ir.Within) -> Test:
        value = self.value(node.value)
        match node.low, node.high:
            case ir.Moment() as low, ir.Moment() as high:
                places = self.number_of(low), self.number_of(high)
                if (shortcut := in_window(node, *places)) is not None:
                    return shortcut
                return _between_moments(value, *places, node.closed)
            case ir.Literal(value=low), ir.Literal(value=high):
                return _between_constants(value, low, high, node.closed)
        start, end, below = (
            self.value(node.low),
            self.value(node.high),
            _ORDER["<=" if node.closed else "<"],
        )

        def within(record: Any, instants: Any) -> bool:
            here = value(record, instants)
            if here is None:
                return False
            return start(record, instants) <= here and below(here, end(record, instants))

        return within

    def _comes_round(self, node: ir.ComesRound) -> Test:
        value = self.value(node.value)
        low, high = self.number_of(node.low), self.number_of(node.high)

        def comes_round(record: Any, instants: Any) -> bool:
            day = value(record, instants)
            if day is None:
                return False
            place = day.month * 100 + day.day
            ranges = days_of_the_year(instants[low], instants[high])
            return any(first <= place <= last for first, last in ranges)

        return comes_round

    def _has(self, node: ir.Has) -> Test:
        held = self.value(node.set)
        if len(node.wanted) == 1:
            wanted = node.wanted[0]
            return lambda record, instants: wanted in (held(record, instants) or ())
        required = frozenset(node.wanted)
        return _has_all(held, required) if node.every else _has_any(held, required)

    def _is_set(self, node: ir.IsSet) -> Test:
        if isinstance(node.value, ir.Items):
            name = node.value.name
            return lambda record, _: bool(record.get(name))
        value = self.value(node.value)

        def is_set(record: Any, instants: Any) -> bool:
            here = value(record, instants)
            # an empty text, set or list is as good as none; 0 and false are not
            return here is not None and (
                here.__class__ is bool or here == 0 or bool(here) or here == {}
            )

        return is_set

    def _quantified(self, node: ir.Quantified) -> Test:
        name, test = node.items.name, self.predicate(node.where)

        def some(record: Any, instants: Any) -> bool:
            for item in record.get(name) or ():  # noqa: SIM110 - a generator costs twice the time
                if test(item, instants):
                    return True
            return False

        if node.quantifier == "some":
            return some
        if node.quantifier == "none":
            return lambda record, instants: not some(record, instants)

        def every(record: Any, instants: Any) -> bool:
            items = record.get(name) or ()
            for item in items:
                if not test(item, instants):
                    return False
            return bool(items)

        return every


def _has_all(held: ValueOf, required: frozenset[str]) -> Test:
    def has_all(record: Any, instants: Any) -> bool:
        texts = held(record, instants) or ()
        try:
            return required.issubset(texts)
        except TypeError:  # JSON from outside may hold lists, which no set can
            return required.issubset(_texts(texts))

    return has_all


def _has_any(held: ValueOf, required: frozenset[str]) -> Test:
    def has_any(record: Any, instants: Any) -> bool:
        texts = held(record, instants) or ()
        try:
            return not required.isdisjoint(texts)
        except TypeError:
            return not required.isdisjoint(_texts(texts))

    return has_any


def _texts(held: Any) -> frozenset[str]:
    return frozenset(one for one in held or () if isinstance(one, str))


def _between_moments(value: ValueOf, low: int, high: int, closed: bool) -> Test:
    if closed:

        def within(record: Any, instants: Any) -> bool:
            here = value(record, instants)
            return here is not None and instants[low] <= here <= instants[high]

        return within

    def within_open(record: Any, instants: Any) -> bool:
        here = value(record, instants)
        return here is not None and instants[low] <= here < instants[high]

    return within_open


def _between_constants(value: ValueOf, low: Any, high: Any, closed: bool) -> Test:
    if closed:

        def within(record: Any, instants: Any) -> bool:
            here = value(record, instants)
            return here is not None and low <= here <= high

        return within

    def within_open(record: Any, instants: Any) -> bool:
        here = value(record, instants)
        return here is not None and low <= here < high

    return within_open


def _text_test(node: ir.TextTest, value: ValueOf) -> Test:
    wanted = node.text
    match node.test:
        case "contains":

            def contains(record: Any, instants: Any) -> bool:
                text = value(record, instants)
                return text is not None and wanted in text

            return contains
        case "starts_with":

            def starts(record: Any, instants: Any) -> bool:
                text = value(record, instants)
                return text is not None and text.startswith(wanted)

            return starts
        case "ends_with":

            def ends(record: Any, instants: Any) -> bool:
                text = value(record, instants)
                return text is not None and text.endswith(wanted)

            return ends
