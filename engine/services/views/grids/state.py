"""How a list is seen: search, conditions, a rule, order and columns, as one value. Pure.

It travels in addresses and is kept as a saved view, so it is read with suspicion.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, get_args

from engine.errors import Problem, Refused
from engine.services.views.grids.fields import COLUMNS, ORDER, GridField, GridRecord

Operator = Literal["any", "none", "contains", "known", "unknown", "between", "last", "before"]
OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
# How each kind of field can be narrowed.
OPERATORS_OF: Final[Mapping[str, tuple[Operator, ...]]] = {
    "text": ("contains", "any", "none", "known", "unknown"),
    "choice": ("any", "none", "known", "unknown"),
    "person": ("any", "none", "known", "unknown"),
    "account": ("known", "unknown"),
    "contact": ("known", "unknown"),
    "tags": ("any", "none"),
    "number": ("between", "known", "unknown"),
    "instant": ("last", "before", "between", "known", "unknown"),
    "day": ("between", "known", "unknown"),
    "yes_no": ("any",),
}
MOST_CONDITIONS: Final = 20
MOST_VALUES: Final = 100
MOST_ORDERS: Final = 3
MOST_COLUMNS: Final = 24
LONGEST_TEXT: Final = 200
LONGEST_RULE: Final = 50_000
MOST_DAYS: Final = 36_500
_LARGEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Condition:
    """`values` by operator: what it may be ("any", "none"), a text ("contains"), two ends of which
    one may be None ("between"), a number of days ("last", "before"), nothing."""

    field: str
    operator: Operator
    values: tuple[Any, ...] = ()

    def document(self) -> list[Any]:
        return [self.field, self.operator, list(self.values)]


@dataclass(frozen=True, slots=True)
class GridState:
    """`order` is (field, falling). `rule` is a document of the rule language, for contacts."""

    record: GridRecord
    search: str = ""
    conditions: tuple[Condition, ...] = ()
    rule: Any = field(default=None, hash=False)
    order: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.conditions or self.rule is not None)

    def document(self) -> dict[str, Any]:
        """What `read_state` reads; what is as usual is left out."""
        found: dict[str, Any] = {}
        if self.search:
            found["search"] = self.search
        if self.conditions:
            found["conditions"] = [one.document() for one in self.conditions]
        if self.rule is not None:
            found["rule"] = self.rule
        if self.order != ORDER[self.record]:
            found["order"] = [list(one) for one in self.order]
        if self.columns != COLUMNS[self.record]:
            found["columns"] = list(self.columns)
        return found

    def key(self) -> str:
        """The same for lists that hold the same records."""
        asked = {name: value for name, value in self.document().items() if name != "columns"}
        return f"{self.record}:{json.dumps(asked, sort_keys=True, default=str)}"


def usual(record: GridRecord) -> GridState:
    return GridState(record, order=ORDER[record], columns=COLUMNS[record])


def read_state(record: GridRecord, document: object, fields: Mapping[str, GridField]) -> GridState:
    """Raises Refused with every mistake."""
    reading = _Reading(record, fields, [])
    state = reading.state(document)
    if reading.problems:
        raise Refused("The list cannot be shown like this.", reading.problems)
    return state


def read_leniently(
    record: GridRecord, document: object, fields: Mapping[str, GridField]
) -> tuple[GridState, tuple[Problem, ...]]:
    """What of it can be used, and what cannot: a field may be gone since the view was saved."""
    reading = _Reading(record, fields, [])
    return reading.state(document), tuple(reading.problems)


@dataclass(slots=True)
class _Reading:
    record: GridRecord
    fields: Mapping[str, GridField]
    problems: list[Problem]

    def state(self, document: object) -> GridState:
        if not isinstance(document, Mapping):
            self.wrong("", "a list is described by an object.")
            return usual(self.record)
        for name in document:
            if name not in ("search", "conditions", "rule", "order", "columns"):
                self.wrong(f"/{str(name)[:60]}", "is not known.")
        search = document.get("search", "")
        if not isinstance(search, str) or len(search) > LONGEST_TEXT or "\0" in search:
            self.wrong("/search", f"is a text of at most {LONGEST_TEXT} characters.")
            search = ""
        return GridState(
            self.record,
            search.strip(),
            self._conditions(document.get("conditions", [])),
            self._rule(document.get("rule")),
            self._order(document.get("order")),
            self._columns(document.get("columns")),
        )

    def wrong(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, "bad_view", message))

    def _list(self, place: str, value: object, most: int) -> Sequence[Any]:
        if not isinstance(value, list | tuple) or len(value) > most:
            self.wrong(place, f"is a list of at most {most}.")
            return ()
        return value

    def _rule(self, rule: object) -> Any:
        if rule is None:
            return None
        if self.record != "contact":
            self.wrong("/rule", "only contacts are narrowed by a rule.")
            return None
        if len(json.dumps(rule, default=str)) > LONGEST_RULE:
            self.wrong("/rule", f"takes {LONGEST_RULE:,} characters at most.")
            return None
        return rule

    def _order(self, given: object) -> tuple[tuple[str, bool], ...]:
        if given is None:
            return ORDER[self.record]
        found: dict[str, bool] = {}
        for number, one in enumerate(self._list("/order", given, MOST_ORDERS)):
            place = f"/order/{number}"
            if not isinstance(one, list | tuple) or len(one) != 2 or not isinstance(one[1], bool):
                self.wrong(place, "is a field and whether it falls.")
            elif not self._known(one[0]) or not self.fields[one[0]].orders:
                self.wrong(place, "the list cannot be ordered by this field.")
            else:
                found.setdefault(one[0], one[1])
        return tuple(found.items()) or ORDER[self.record]

    def _columns(self, given: object) -> tuple[str, ...]:
        if given is None:
            return COLUMNS[self.record]
        found: dict[str, None] = {}
        for number, one in enumerate(self._list("/columns", given, MOST_COLUMNS)):
            if self._known(one):
                found[one] = None
            else:
                self.wrong(f"/columns/{number}", "there is no such field.")
        return tuple(found) or COLUMNS[self.record]

    def _known(self, name: object) -> bool:
        return isinstance(name, str) and name in self.fields

    def _conditions(self, given: object) -> tuple[Condition, ...]:
        found = []
        for number, one in enumerate(self._list("/conditions", given, MOST_CONDITIONS)):
            condition = self._condition(f"/conditions/{number}", one)
            if condition is not None:
                found.append(condition)
        return tuple(found)

    def _condition(self, place: str, given: object) -> Condition | None:
        if not isinstance(given, list | tuple) or len(given) != 3:
            self.wrong(place, "is a field, an operator and values.")
            return None
        name, operator, values = given
        known = self.fields.get(name) if isinstance(name, str) else None
        if known is None or not known.narrows:
            self.wrong(place, "the list cannot be narrowed by this field.")
            return None
        if operator not in OPERATORS_OF.get(known.kind, ()):
            self.wrong(place, "this field is not asked like this.")
            return None
        values = tuple(self._list(place, values, MOST_VALUES))
        if not _READERS[operator](known, values):
            self.wrong(place, "the values do not fit.")
            return None
        return Condition(known.name, operator, values)


def _some(known: GridField, values: tuple[Any, ...]) -> bool:
    if not values:
        return False
    match known.kind:
        case "person":
            return all(one is None or _is_id(one) for one in values)
        case "yes_no":
            return all(isinstance(one, bool) for one in values)
        case "choice":
            return all(one in known.values for one in values)
    return all(_is_text(one) for one in values)


def _is_text(one: object) -> bool:
    return isinstance(one, str) and 0 < len(one) <= LONGEST_TEXT and "\0" not in one


def _is_id(one: object) -> bool:
    return isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**63


def _one_text(_known: GridField, values: tuple[Any, ...]) -> bool:
    return len(values) == 1 and _is_text(values[0])


def _nothing(_known: GridField, values: tuple[Any, ...]) -> bool:
    return not values


def _days(_known: GridField, values: tuple[Any, ...]) -> bool:
    return len(values) == 1 and _is_id(values[0]) and values[0] <= MOST_DAYS


def _ends(known: GridField, values: tuple[Any, ...]) -> bool:
    if len(values) != 2 or values == (None, None):
        return False
    given = [one for one in values if one is not None]
    if known.kind == "number":
        return all(
            isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= _LARGEST
            for one in given
        )
    return all(_is_day(one) for one in given)


def _is_day(one: object) -> bool:
    if not isinstance(one, str) or len(one) != 10:
        return False
    try:
        # a day beyond it has no next day
        return date.fromisoformat(one) < date.max
    except ValueError:
        return False


_READERS: Final[Mapping[str, Callable[[GridField, tuple[Any, ...]], bool]]] = {
    "any": _some,
    "none": _some,
    "contains": _one_text,
    "known": _nothing,
    "unknown": _nothing,
    "between": _ends,
    "last": _days,
    "before": _days,
}
