"""The one intermediate form of a rule. Closures, SQL, reads and explanations all start from it.

A value may be absent; a predicate is true or false, never absent. What each node means:

- a comparison, window, membership or text test with an absent side is false
- `Not` is the exact complement, so `Not(Compare("==", ...))` is true when a side is absent
- arithmetic on something absent is absent, and so is x / 0
- `count` and `sum` of nothing are 0, `min`, `max` and `avg` of nothing are absent
- `every` over an empty list is false
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal as OneOfThese

from engine.local_time import Span, Unit
from engine.rules.types import Type

NO_SPAN = Span()

Path = tuple[str, ...]
Scalar = str | int | float | bool | date | datetime
Comparison = OneOfThese["==", "<", "<=", ">", ">="]
ArithmeticSign = OneOfThese["+", "-", "*", "/"]
TextTestName = OneOfThese["contains", "starts_with", "ends_with"]
QuantifierName = OneOfThese["some", "none", "every"]
AggregateName = OneOfThese["sum", "min", "max", "avg"]


@dataclass(frozen=True, slots=True)
class Literal:
    type: Type
    value: Scalar


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant or date that is worked out from `now` in a zone, once, before any record is looked
    at.

    `anchor` is now itself, the first day of the local unit around now, or a fixed date. A
    `DATETIME` on an anchor other than now is the start of that local day.
    """

    type: Type
    anchor: OneOfThese["now"] | Unit | date
    offset: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Field:
    """A value read from the record at hand. `dynamic` values are JSON and count as absent unless of
    `type`.
    """

    type: Type
    path: Path
    dynamic: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list of records that belongs to the subject: its orders, events, deals or tickets."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    sign: ArithmeticSign
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that depends on a predicate."""

    type: Type
    test: Predicate
    then: Value
    otherwise: Value


@dataclass(frozen=True, slots=True)
class Count:
    items: Items
    where: Predicate


@dataclass(frozen=True, slots=True)
class Aggregate:
    function: AggregateName
    items: Items
    value: Value
    where: Predicate


@dataclass(frozen=True, slots=True)
class Constant:
    """A predicate that is always true or always false."""

    truth: bool


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A boolean value that is present and true."""

    value: Value


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Predicate


@dataclass(frozen=True, slots=True)
class Either:
    """`then` where `test` holds, else `otherwise`."""

    test: Predicate
    then: Predicate
    otherwise: Predicate


@dataclass(frozen=True, slots=True)
class Compare:
    operator: Comparison
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Within:
    """`low` <= value <= `high`; without the upper end unless `closed`. Ends are never absent."""

    value: Value
    low: Literal | Moment
    high: Literal | Moment
    closed: bool = True


@dataclass(frozen=True, slots=True)
class ComesRound:
    """A date comes round on a day from `low` to `high`, in whatever year it was.

    The ends are at most a year apart. 29 February comes round on the 28th where there is no 29th.
    """

    value: Value
    low: Moment
    high: Moment


@dataclass(frozen=True, slots=True)
class OneOf:
    value: Value
    options: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """The set holds any of the wanted texts, or all of them when `every`."""

    set: Field
    wanted: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class TextTest:
    test: TextTestName
    value: Value
    text: str


@dataclass(frozen=True, slots=True)
class IsSet:
    """Present and, for texts, sets and lists, not empty."""

    value: Value | Items


@dataclass(frozen=True, slots=True)
class Quantified:
    quantifier: QuantifierName
    items: Items
    where: Predicate


Value = Literal | Moment | Field | Arithmetic | Choice | Count | Aggregate
Predicate = (
    Constant
    | IsTrue
    | And
    | Or
    | Not
    | Either
    | Compare
    | Within
    | ComesRound
    | OneOf
    | Has
    | TextTest
    | IsSet
    | Quantified
)
Node = Value | Predicate | Items

TRUE = Constant(True)
PREDICATES = (
    Constant,
    IsTrue,
    And,
    Or,
    Not,
    Either,
    Compare,
    Within,
    ComesRound,
    OneOf,
    Has,
    TextTest,
    IsSet,
    Quantified,
)


def value_type(value: Value | Items) -> Type:
    """The static type of a value."""
    match value:
        case Literal() | Moment() | Field() | Choice():
            return value.type
        case Arithmetic() | Count():
            return Type.NUMBER
        case Aggregate():
            return value_type(value.value)
        case Items():
            return Type.LIST
