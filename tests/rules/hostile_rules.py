"""Documents that nobody would write: shapes from an attacker, and rules with a part gone wrong."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from engine.rules.operators import all_operators
from tests.rules.adversarial import CATALOGUE

NAMES: Final = sorted(all_operators())
PATHS: Final = [
    *(f"{kind}.{name}" for kind in ("contact", "account") for name in CATALOGUE.records[kind]),
    *("orders", "events", "messages", "changes", "status", "properties.total", "event.name"),
    *(
        "",
        ".",
        "contact",
        "contact.",
        "contact.custom",
        "contact.tags.0",
        "properties." + "a." * 40,
    ),
]


def nested(depth: int, wrap: Callable[[Any], Any], core: Any = True) -> Any:
    for _ in range(depth):
        core = wrap(core)
    return core


def cyclic_list() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def cyclic_rule() -> dict[str, Any]:
    rule: dict[str, Any] = {}
    rule["!"] = [rule]
    return rule


def cyclic_many() -> dict[str, Any]:
    parts: list[Any] = []
    rule = {"and": parts}
    parts.extend([rule] * 900)
    return rule


class Surly(dict[Any, Any]):
    """An object that does not like to be printed."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


# Each is one case; whatever they nest is made when it is asked for.
SHAPES: Final[dict[str, Callable[[], Any]]] = {
    "deep not": lambda: nested(100_000, lambda one: {"!": one}),
    "deep lists": lambda: nested(100_000, lambda one: [one]),
    "deep in an argument": lambda: {"==": [nested(5_000, lambda one: {"+": [one, 1]}, 1), 1]},
    "as deep as allowed": lambda: nested(31, lambda one: {"!": [one]}),
    "as many as allowed": lambda: {"and": [{"is_set": [{"var": "contact.email"}]}] * 249},
    "wide and": lambda: {"and": [True] * 200_000},
    "wide and of rules": lambda: {"and": [{"is_set": [{"var": "contact.email"}]}] * 1_000},
    "wide object": lambda: {str(number): True for number in range(200_000)},
    "wide list of choices": lambda: {"in": [{"var": "contact.country"}, ["SG"] * 1_000]},
    "too wide list of choices": lambda: {"in": [{"var": "contact.score"}, list(range(100_000))]},
    "lists of the same lists": lambda: nested(8, lambda one: [one] * 1_000, 1),
    "rules of the same rules": lambda: nested(30, lambda one: {"and": [one, one]}),
    "segments of segments": lambda: {"and": [{"member_of": "customers"}] * 200},
    "growing macros": lambda: nested(
        12, lambda one: {"inactive_for": [one, 1, "days"]}, {"var": "contact.score"}
    ),
    "counts in counts": lambda: nested(
        12, lambda one: {"count": [{"var": "orders"}, {">": [one, 1]}]}, 1
    ),
    "long text": lambda: {"==": [{"var": "contact.city"}, "x" * 5_000_000]},
    "long path": lambda: {"is_set": [{"var": "contact." + "x" * 1_000_000}]},
    "long operator": lambda: {"x" * 1_000_000: []},
    "long property": lambda: {
        "some": [{"var": "events"}, {"is_set": {"var": "properties." * 9_000}}]
    },
    "huge whole number": lambda: {">": [{"var": "contact.score"}, 10**50_000]},
    "huge count": lambda: {"in_last": [{"var": "contact.created_at"}, 10**50_000, "days"]},
    "huge money": lambda: {
        "==": [{"var": "account.annual_revenue"}, {"money": [10**5_000, "EUR"]}]
    },
    "not a number": lambda: {"==": [{"var": "contact.score"}, float("nan")]},
    "infinite": lambda: {"<": [{"var": "contact.score"}, float("inf")]},
    "less than nothing": lambda: {"<": [{"var": "contact.score"}, -0.0]},
    "smallest number": lambda: {"<": [{"var": "contact.score"}, 5e-324]},
    "half a surrogate": lambda: {"==": [{"var": "contact.city"}, "\ud800"]},
    "half a surrogate in a path": lambda: {"is_set": [{"var": "contact.\udfff"}]},
    "half a surrogate as operator": lambda: {"\ud800": [1]},
    "nothing but a zero byte": lambda: {"contains": [{"var": "contact.city"}, "\0"]},
    "combining avalanche": lambda: {"==": [{"var": "contact.email"}, "a" + "\u0301" * 9_000]},
    "growing when folded": lambda: {"==": [{"var": "account.name"}, "ﷺ" * 10_000]},
    "keys that are no texts": lambda: {1: 2, None: 3, ("a",): [4]},
    "one key that is no text": lambda: {None: [1]},
    "a huge number as key": lambda: {10**50_000: [1]},
    "last day in the list": lambda: {"in": [{"var": "contact.birthday"}, ["9999-12-31"]]},
    "a list as a rule": lambda: [1, 2],
    "nothing": lambda: None,
    "an empty object": dict,
    "bytes": lambda: {"==": [b"x", bytearray(b"y")]},
    "a set": lambda: {"in": [{"var": "contact.city"}, {"a", "b"}]},
    "other objects": lambda: {"==": [object(), datetime(2026, 1, 1, tzinfo=UTC)]},
    "a decimal": lambda: {"==": [{"var": "contact.score"}, Decimal("1e999999")]},
    "a complex number": lambda: {"==": [{"var": "contact.score"}, 1j]},
    "a class": lambda: {"==": [int, Surly]},
    "a generator": lambda: {"and": (part for part in [True])},
    "surly": lambda: {"==": [Surly(), Surly({"a": 1})]},
    "surly rule": lambda: Surly({"and": [True]}),
    "cyclic list": cyclic_list,
    "cyclic rule": cyclic_rule,
    "cyclic rule, nine hundred ways": cyclic_many,
    "cyclic argument": lambda: {"==": [{"var": "contact.tags"}, cyclic_list()]},
    "envelopes": lambda: nested(40, lambda one: {"dialect": 1, "rule": one}),
    "an odd envelope": lambda: {"dialect": [1], "rule": {"dialect": 1}},
    "far future": lambda: {"in_next": [{"var": "contact.created_at"}, 2_400, "months"]},
    "far moment": lambda: {"<": [{"var": "contact.created_at"}, {"moment": ["now", "P9999Y"]}]},
    "first instant": lambda: {"<": [{"var": "contact.created_at"}, "0001-01-01T00:00:00+14:00"]},
    "last day": lambda: {"on": [{"var": "contact.created_at"}, "9999-12-31"]},
}


def junk(choose: random.Random) -> Any:
    """A leaf that does not belong where it will stand."""
    return choose.choice(
        [
            *(None, True, False, 0, -1, 1, 3.5, 2**53, -(2**63), 10**30, float("nan"), 1e308, -0.0),
            *("", "x", "\ud800", "\0", "now", "days", "EUR", "P3D", "2026-03-29", "9" * 5_000),
            *(
                {},
                [],
                [[]],
                [None],
                {"var": []},
                {"var": None},
                {"": []},
                {1: 1},
                (),
                b"",
                object(),
            ),
            {"var": choose.choice(PATHS)},
            choose.choice(NAMES),
            choose.choice(PATHS),
        ]
    )


def grown(choose: random.Random, depth: int) -> Any:
    """A tree of operators with whatever for arguments."""
    if depth <= 0 or choose.random() < 0.25:
        return junk(choose)
    arguments = [grown(choose, depth - 1) for _ in range(choose.randrange(5))]
    match choose.randrange(12):
        case 0:
            return arguments
        case 1:
            return {choose.choice(NAMES): arguments, choose.choice(NAMES): arguments}
        case 2:
            return {choose.choice(NAMES): arguments[0] if arguments else None}
        case 3:
            return {"dialect": choose.choice([1, "1", None, 2]), "rule": arguments}
        case _:
            return {choose.choice(NAMES): arguments}


def spoilt(choose: random.Random) -> Any:
    """An operator's own example, mostly with parts exchanged, repeated or wrapped."""
    document = copy.deepcopy(all_operators()[choose.choice(NAMES)].example)
    for _ in range(choose.choice([0, 0, 1, 1, 2, 3])):
        holder, key = choose.choice(list(_places(document)) or [([document], 0)])
        match choose.randrange(5):
            case 0:
                holder[key] = junk(choose)
            case 1:
                holder[key] = copy.deepcopy(all_operators()[choose.choice(NAMES)].example)
            case 2:
                holder[key] = [holder[key]] * choose.choice([1, 2, 1_001])
            case 3:
                holder[key] = {choose.choice(NAMES): holder[key]}
            case _:
                holder[key] = grown(choose, 2)
    return document


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Where a part of the document hangs: its holder and the key or index there."""
    pending = [document]
    for _ in range(200):
        if not pending:
            return
        holder = pending.pop()
        keys: Any = range(len(holder)) if isinstance(holder, list) else list(holder)
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                pending.append(holder[key])


def hostile(count: int, seed: int) -> Iterator[Any]:
    """All shapes first, then random documents; the same seed gives the same ones."""
    choose = random.Random(seed)
    for make in SHAPES.values():
        yield make()
    for _ in range(count - len(SHAPES)):
        yield spoilt(choose) if choose.random() < 0.6 else grown(choose, choose.randrange(1, 7))
