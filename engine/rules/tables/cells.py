"""What a condition cell means, as a rule about the fact of its column.

The grammar is in docs/decision_tables.md. A cell says what the fact is: a value, several between
commas, a sign and a value, a range; "not" in front turns the whole cell round, absent facts
included, as everywhere in rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from engine.rules.problems import shown
from engine.rules.tables import values
from engine.rules.tables.splitting import CellRefused, Sign, Word, signed, split, word
from engine.rules.types import Type

Document = dict[str, Any]
Literal = Callable[[Word], object]

_UNKNOWN: Final = frozenset({"unknown", "is unknown", "未知"})
_KNOWN: Final = frozenset({"known", "is known", "not unknown", "is not unknown", "已知"})
_NOT: Final = re.compile(r"(?:not|none of|is not|不是)(?:\s+|(?<=是))(?P<rest>.+)", re.I | re.S)
_IS: Final = re.compile(r"(?:is|any of|one of)\s+(?P<rest>.+)", re.I | re.S)
_ALL_OF: Final = re.compile(r"(?:all of)\s+(?P<rest>.+)", re.I | re.S)
_TO: Final = re.compile(r"(?P<low>.+?)\s+(?:to|至|到)\s+(?P<high>.+)", re.I | re.S)
_AND: Final = re.compile(r"\s+(?:and|且)\s+", re.I)
_PART: Final = re.compile(r"(?P<test>contains|starts with|ends with)\s+(?P<text>.+)", re.I | re.S)
_WINDOW: Final = re.compile(r"(?P<which>last|next)\s+(?P<count>\d{1,5})\s+(?P<unit>\w+?s?)", re.I)
_AGO: Final = re.compile(
    r"more than\s+(?P<count>\d{1,5})\s+(?P<unit>\w+?s?)\s+(?P<which>ago|ahead)", re.I
)
_THIS: Final = re.compile(r"(?P<which>today|this (?:week|month|quarter|year))", re.I)
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(?!\d)")
_RULE_SIGN: Final[dict[Sign, str]] = {
    "=": "==",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_ORDERED: Final = frozenset({Type.NUMBER, Type.MONEY, Type.DATE, Type.DATETIME, Type.PROPERTY})


def condition(cell: str, fact: str, kind: Type) -> Document:
    """The rule for a cell that is not "any". Raises CellRefused with what to write instead."""
    text = cell.strip()
    quoted = word(text).quoted and len(split(text)) == 1
    if not quoted and (found := _NOT.fullmatch(text)):
        low = " ".join(text.lower().split())
        return (
            _said(text, fact, kind) if low in _KNOWN else {"!": [_said(found["rest"], fact, kind)]}
        )
    if not quoted and (found := _IS.fullmatch(text)):
        return _said(found["rest"], fact, kind)
    return _said(text, fact, kind)


def _said(text: str, fact: str, kind: Type) -> Document:
    """The rule for a cell without its "is" or "not"."""
    text = text.strip()
    if word(text).quoted and len(split(text)) == 1:
        return _values([text], {"var": fact}, kind)
    low = " ".join(text.lower().split())
    subject = {"var": fact}
    if low in _UNKNOWN:
        return {"is_empty": [subject]}
    if low in _KNOWN:
        return {"is_set": [subject]}
    if kind in (Type.SET, Type.BOOLEAN):
        return _without_order(text, subject, kind)
    if kind in (Type.DATE, Type.DATETIME) and (window := _window(text, subject)):
        return window
    if kind in (Type.TEXT, Type.PROPERTY) and (found := _PART.fullmatch(text)):
        test = found["test"].lower().replace(" ", "_")
        return {test: [subject, word(found["text"].strip()).text]}
    return _values(_alternatives(text, kind), subject, kind)


def _alternatives(text: str, kind: Type) -> list[str]:
    if kind in (Type.NUMBER, Type.MONEY) and (found := _THOUSANDS.search(text)):
        plain = found[0].replace(",", "")
        raise CellRefused(
            f"{found[0]} can be read in two ways; write {plain} for the number, or a blank behind "
            "each comma for several numbers."
        )
    return split(text)


def _without_order(text: str, subject: Document, kind: Type) -> Document:
    """Sets of texts, yes and no: these can only be or not be so."""
    sign, rest = signed(text)
    if sign not in (None, "=", "!="):
        raise CellRefused(f'"{sign}" needs values that have an order; this fact has none.')
    boolean = kind is Type.BOOLEAN
    test = {"==": [subject, values.truth(rest)]} if boolean else _set(rest, subject)
    return {"!": [test]} if sign == "!=" else test


def _set(text: str, subject: Document) -> Document:
    every = _ALL_OF.fullmatch(text)
    wanted = [word(piece).text for piece in split(every["rest"] if every else text)]
    return {"has_all" if every else "has_any": [subject, wanted]}


def _window(text: str, subject: Document) -> Document | None:
    if found := _WINDOW.fullmatch(text):
        name = "in_last" if found["which"].lower() == "last" else "in_next"
        return {name: [subject, int(found["count"]), _unit(found["unit"])]}
    if found := _AGO.fullmatch(text):
        name = "more_than_ago" if found["which"].lower() == "ago" else "more_than_ahead"
        return {name: [subject, int(found["count"]), _unit(found["unit"])]}
    if found := _THIS.fullmatch(text):
        return {found["which"].lower().replace(" ", "_"): [subject]}
    return None


def _unit(unit: str) -> str:
    low = unit.lower()
    return low if low.endswith("s") else f"{low}s"


def _values(pieces: list[str], subject: Document, kind: Type) -> Document:
    """Any of the pieces; plain values become one list."""
    literal = _literal_of(kind)
    plain: list[object] = []
    tests: list[Document] = []
    for piece in pieces:
        whole = word(piece)
        if not whole.quoted and (test := _test(piece, subject, kind, literal)):
            tests.append(test)
        else:
            plain.append(literal(whole))
    if plain:
        listable = kind not in (Type.MONEY, Type.DATETIME) and len(plain) > 1
        tests[:0] = (
            [{"in": [subject, plain]}]
            if listable
            else [{"==": [subject, value]} for value in plain]
        )
    return tests[0] if len(tests) == 1 else {"or": tests}


def _test(piece: str, subject: Document, kind: Type, literal: Literal) -> Document | None:
    """Unknown, a sign and a value, several such joined by "and", or a range; None for a plain
    value.
    """
    if piece.lower() in _UNKNOWN:
        return {"is_empty": [subject]}
    sign, _ = signed(piece)
    if sign is not None:
        bounds = [_bound(part, subject, literal) for part in _AND.split(piece)]
        return bounds[0] if len(bounds) == 1 else {"and": bounds}
    found = _TO.fullmatch(piece) if kind in _ORDERED else None
    if found is None:
        return None
    low, high = (
        _same_currency(found["low"], found["high"]) if kind is Type.MONEY else found.groups()
    )
    return {"between": [subject, literal(word(low)), literal(word(high))]}


def _bound(part: str, subject: Document, literal: Literal) -> Document:
    sign, rest = signed(part)
    if sign is None:
        raise CellRefused(f'{shown(part)} needs a sign, such as ">= 10 and < 20".')
    return {_RULE_SIGN[sign]: [subject, literal(word(rest))]}


def _same_currency(low: str, high: str) -> tuple[str, str]:
    """ "10 to 20 USD" is from 10 USD."""
    if values.looks_like_number(low) and len(high) > 3:
        return f"{low} {high[-3:]}", high
    return low, high


def _literal_of(kind: Type) -> Literal:
    match kind:
        case Type.NUMBER:
            return lambda value: values.number(value.text)
        case Type.MONEY:
            return _money
        case Type.DATE | Type.DATETIME:
            return lambda value: values.day(value.text)
        case Type.PROPERTY:
            return _guess
        case _:
            return lambda value: value.text


def _money(value: Word) -> Document:
    return {"money": list(values.money(value.text))}


def _guess(value: Word) -> object:
    """A property has the type of what it is compared with; quotes make a number a text."""
    if not value.quoted and values.looks_like_number(value.text):
        return values.number(value.text)
    return value.text
