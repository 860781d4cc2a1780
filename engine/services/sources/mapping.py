"""How documents of another system become events: what a mapping says, and reading with it. Pure.

A value is a place in the document (`data.customer.email`, also written `$.data.customer.email` or
`lines[0].sku`) or a constant, and how it is converted. A mapping is stored as JSON:

    {"event": {"path": "type"}, "occurred_at": {"path": "created", "as": "unix_seconds"},
     "contact": {"email": {"path": "data.email", "as": "lower"}},
     "fields": {"country": {"path": "data.country"}},
     "properties": {"total": {"path": "data.total", "as": "money_minor", "detail": "EUR"}},
     "each": "events", "keep_document": true}
"""

from __future__ import annotations

import re
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Problem, Refused
from engine.json_path import at, is_path
from engine.services.field_values import ValueRefused
from engine.services.sources.converting import MONEY, Convert, as_convert, converted, is_convert

IDENTITIES: Final = ("email", "user_id", "anonymous_id")
# Stands for the body itself where that is a list.
WHOLE: Final = "."
MOST_LINES: Final = 100
LONGEST_CONSTANT: Final = 1_000
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]{0,62}")
_FIELD: Final = re.compile(r"(custom\.)?[a-z][a-z0-9_]{0,62}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Value:
    """A place or, where that is None, a constant. `detail` is the currency of money: a code such
    as EUR, or the place of one."""

    path: str | None = None
    constant: str | int | float | bool | None = None
    convert: Convert = "as_is"
    detail: str = ""

    def read(self, document: Any) -> Any:
        """Raises ValueRefused; None where there is nothing."""
        found = at(document, self.path) if self.path is not None else self.constant
        currency = ""
        if self.convert in MONEY and found is not None:
            currency = self.detail if _CURRENCY.fullmatch(self.detail) else ""
            currency = currency or str(at(document, self.detail) or "")
        return converted(found, self.convert, currency)

    @property
    def place(self) -> str:
        """A JSON pointer into the document."""
        if self.path is None:
            return ""
        names = (name.replace("~", "~0").replace("/", "~1") for name in self.path.split("."))
        return "/" + "/".join(names)

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = (
            {"path": self.path} if self.path is not None else {"constant": self.constant}
        )
        if self.convert != "as_is":
            said["as"] = self.convert
        if self.detail:
            said["detail"] = self.detail
        return said


@dataclass(frozen=True, slots=True)
class Mapping:
    """`event` None: every document is a "Webhook Received". `each` is the place of a list, of
    which every item is a document; with `keep_document` the whole of it becomes properties, beneath
    those that are named."""

    event: Value | None = None
    occurred_at: Value | None = None
    message_id: Value | None = None
    contact: ReadOnly[str, Value] = field(default_factory=dict)
    fields: ReadOnly[str, Value] = field(default_factory=dict)
    properties: ReadOnly[str, Value] = field(default_factory=dict)
    each: str | None = None
    keep_document: bool = True

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            name: {key: value.as_json() for key, value in getattr(self, name).items()}
            for name in ("contact", "fields", "properties")
        }
        for name in ("event", "occurred_at", "message_id"):
            value: Value | None = getattr(self, name)
            if value is not None:
                said[name] = value.as_json()
        if self.each is not None:
            said["each"] = self.each
        said["keep_document"] = self.keep_document
        return said

    def documents(self, body: Any) -> list[Any]:
        """What is read one by one. Raises Refused where there is no such list."""
        if self.each is None:
            return [body]
        found = body if self.each == WHOLE else at(body, self.each)
        if not isinstance(found, list):
            problem = Problem(Value(self.each).place, "not_a_list", "there is no list here")
            raise Refused("Nothing was accepted.", [problem])
        return found


@dataclass(slots=True)
class Values:
    """What a document says by a mapping, before anybody asks whether that is enough."""

    event: Any = None
    occurred_at: Any = None
    message_id: Any = None
    contact: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def values_of(mapping: Mapping, document: Any) -> Values:
    """Everything the mapping asks for; what cannot be converted is a problem and left out."""
    found = Values()

    def read(value: Value | None) -> Any:
        if value is None:
            return None
        try:
            return value.read(document)
        except ValueRefused as refusal:
            found.problems.append(Problem(value.place, refusal.code, refusal.message))
            return None

    found.event = read(mapping.event)
    found.occurred_at = read(mapping.occurred_at)
    found.message_id = read(mapping.message_id)
    for names, into in (
        (mapping.contact, found.contact),
        (mapping.fields, found.fields),
        (mapping.properties, found.properties),
    ):
        for name, value in names.items():
            if (one := read(value)) is not None:
                into[name] = one
    if mapping.keep_document and isinstance(document, dict):
        found.properties = {**document, **found.properties}
    return found


def mapping_from(given: Any, *, custom: frozenset[str], known: frozenset[str]) -> Mapping:
    """Read what a person or a program wrote. `known` are the fields of a contact, `custom` the
    keys of those that people defined. Raises Refused with every mistake."""
    problems: list[Problem] = []
    if not isinstance(given, dict):
        problem = Problem("/mapping", "not_an_object", "write a JSON object")
        raise Refused("The mapping was not saved.", [problem])
    reader = _Reader(problems)
    mapping = Mapping(
        event=reader.value(given.get("event"), "/mapping/event"),
        occurred_at=reader.value(given.get("occurred_at"), "/mapping/occurred_at"),
        message_id=reader.value(given.get("message_id"), "/mapping/message_id"),
        contact=reader.lines(given.get("contact"), "/mapping/contact", IDENTITIES),
        fields=reader.lines(
            given.get("fields"),
            "/mapping/fields",
            (*sorted(known), *(f"custom.{key}" for key in sorted(custom))),
        ),
        properties=reader.lines(given.get("properties"), "/mapping/properties", None),
        each=reader.place(given.get("each"), "/mapping/each"),
        keep_document=given.get("keep_document", True) is True,
    )
    if not mapping.contact and not problems:
        message = f"say where the document names the contact: {', '.join(IDENTITIES)}"
        problems.append(Problem("/mapping/contact", "missing", message))
    if problems:
        raise Refused("The mapping was not saved.", problems)
    return mapping


class _Reader:
    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def lines(self, given: Any, place: str, allowed: tuple[str, ...] | None) -> dict[str, Value]:
        if given is None:
            return {}
        if not isinstance(given, dict) or len(given) > MOST_LINES:
            message = f"write an object with at most {MOST_LINES} names"
            self._problems.append(Problem(place, "not_an_object", message))
            return {}
        found: dict[str, Value] = {}
        for name, one in given.items():
            here = f"{place}/{str(name)[:80]}"
            if allowed is not None and name not in allowed:
                message = f"choose one of {', '.join(allowed[:12])}"
                self._problems.append(Problem(here, "unknown", message))
            elif allowed is None and not _NAME.fullmatch(name):
                message = "name it with up to 63 letters, digits, _ or -, a letter first"
                self._problems.append(Problem(here, "bad_name", message))
            value = self.value(one, here)
            if value is not None:
                found[name] = value
        return found

    def value(self, given: Any, place: str) -> Value | None:
        if given is None:
            return None
        if not isinstance(given, dict):
            self._say(place, "not_an_object", 'write {"path": ...} or {"constant": ...}')
            return None
        convert = given.get("as", "as_is")
        if not is_convert(convert):
            self._say(place, "unknown_converter", "choose one of the converters")
            return None
        detail = given.get("detail") or ""
        if not isinstance(detail, str) or not self._fits(convert, detail, place):
            return None
        if "path" in given:
            path = self.place(given["path"], place)
            return None if path is None else Value(path, None, as_convert(convert), detail)
        constant = given.get("constant")
        if not _is_constant(constant):
            self._say(place, "bad_constant", f"a text of up to {LONGEST_CONSTANT} characters")
            return None
        return Value(None, constant, as_convert(convert), detail)

    def _fits(self, convert: str, detail: str, place: str) -> bool:
        if convert not in MONEY:
            return True
        if _CURRENCY.fullmatch(detail) or is_path(detail):
            return True
        self._say(place, "no_currency", "say the currency, such as EUR, or the place that says it")
        return False

    def place(self, given: Any, place: str) -> str | None:
        if given is None or given == "":
            return None
        path = plain_path(given) if isinstance(given, str) else ""
        if path == WHOLE or is_path(path):
            return path
        self._say(place, "bad_path", "write a place such as data.customer.email")
        return None

    def _say(self, place: str, code: str, message: str) -> None:
        self._problems.append(Problem(place, code, message))


def plain_path(written: str) -> str:
    """`$.data.items[0]['sku']` is `data.items.0.sku`."""
    text = re.sub(r"\[\s*(\d{1,8})\s*\]", r".\1", written.strip())
    text = re.sub(r"\[\s*(['\"])([^'\"\]]{1,100})\1\s*\]", r".\2", text)
    if text in ("$", WHOLE):
        return WHOLE
    return text.removeprefix("$").removeprefix(".")


def _is_constant(value: object) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST_CONSTANT and "\0" not in value
    return isinstance(value, int | float) and abs(value) < 2**53


def mapping_stored(stored: Any) -> Mapping:
    """What was checked when it was saved. A field that was retired since is asked for in vain."""
    return Mapping(
        event=_stored(stored.get("event")),
        occurred_at=_stored(stored.get("occurred_at")),
        message_id=_stored(stored.get("message_id")),
        contact={name: Value(**_parts(one)) for name, one in stored["contact"].items()},
        fields={name: Value(**_parts(one)) for name, one in stored["fields"].items()},
        properties={name: Value(**_parts(one)) for name, one in stored["properties"].items()},
        each=stored.get("each"),
        keep_document=bool(stored.get("keep_document", True)),
    )


def _stored(one: Any) -> Value | None:
    return None if one is None else Value(**_parts(one))


def _parts(one: Any) -> dict[str, Any]:
    return {
        "path": one.get("path"),
        "constant": one.get("constant"),
        "convert": one.get("as", "as_is"),
        "detail": one.get("detail", ""),
    }
