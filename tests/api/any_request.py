"""Requests made from the description of the API, mostly right and often spoilt; and whether an
answer is one that the description allows.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Schema = Mapping[str, Any]
NASTY: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**53, 2**63, 2**64, 10**30, 1e308, 5e-324, float("nan")),
    *("", " ", "\0", "a\0b", "\ud800", "\u202e\u0301" * 20, "x" * 400, "ada@example.com", "sg"),
    *("2026-03-02T09:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    *("2026-02-31", [], {}, [[[[]]]], {"": {"": ""}}, {"var": ""}, {"and": [True] * 600}),
)
_SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
RULES: tuple[Any, ...] = (
    True,
    _SINGAPORE,
    {"dialect": 1, "rule": _SINGAPORE},
    {"dialect": 2, "rule": _SINGAPORE},
    {"!": [{"member_of": ["sg"]}]},
    {"member_of": ["vips"]},
    {"member_of": ["none"]},
    {"some": [{"var": "orders"}, {">": [{"var": "total"}, {"money": [100, "SGD"]}]}]},
    {"done": ["Order Completed", ">=", 1, ["in_last", 7, "days"]]},
    {"==": [{"var": "event.name"}, "A"]},
    {"in_last": [{"var": "contact.created_at"}, 10**9, "months"]},
    {"contains": [{"var": "contact.email"}, "%_\\'"]},
    {"==": [{"var": "contact.custom.plan"}, "gold"]},
)
_THERE = ("sg", "vips", "press")
# A flow that is published, mostly.
_FLOWS = (*("trial",) * 9, "nobodys")
_NAMES = (*_THERE * 4, "none", "Big", "a\0b", "../x", "é")
_ODD = ("none", "0", "a\0b", "../x")
# What is there, by the beginning of the address.
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "/api/flows/": _FLOWS,
    "/api/templates/": (*("spring",) * 8, "offer", *_ODD),
    "/api/files/": (*("terms",) * 9, *_ODD),
    "/api/topics/": (*("news",) * 9, *_ODD),
    "/api/contacts/": (*("1", "2") * 5, *_ODD),
    "/api/teams/": (*("1", "2") * 5, *_ODD),
    "/api/webhooks/": (*("1", "2") * 5, *_ODD),
    "/api/accounts/": (*("1",) * 9, *_ODD),
    "/api/activities/": (*("1",) * 9, *_ODD),
    "/api/events/": (*("1",) * 9, *_ODD),
    "/api/orders/": (*("1",) * 9, *_ODD),
    "/api/runs/": (*("1",) * 9, *_ODD),
    "/api/messages/": (*("1",) * 9, *_ODD),
    "/api/decision-tables/": (*("tiers",) * 9, *_ODD),
    "/api/scoring-models/": (*("interest",) * 9, *_ODD),
    "/api/calendars/": (*("office",) * 9, *_ODD),
    "/api/views/": (*("1",) * 9, *_ODD),
    "/api/jobs/": (*("1",) * 9, *_ODD),
    "/api/mailbox/": (*("1",) * 9, *_ODD),
    "/api/tickets/": (*("1", "2") * 5, *_ODD),
    "/api/deals/": (*("1", "2") * 5, *_ODD),
    "/api/forms/": (*("news",) * 9, *_ODD),
    "/api/sources/": (*("billing",) * 9, *_ODD),
    "/api/dead-letters/": (*("1",) * 9, *_ODD),
    "/api/retention/": (*("clicks", "field_history") * 5, *_ODD),
    "/api/privacy-requests/": (*("1", "2") * 5, *_ODD),
    "/api/pipelines/": (*("sales",) * 9, *_ODD),
    "/api/handovers/": (*("1", "2") * 5, *_ODD),
    "/api/assignments/": (*("leads",) * 9, *_ODD),
    "/api/absences/": (*("1", "2") * 5, *_ODD),
    "/api/approvals/": (*("1", "2") * 5, *_ODD),
    "/api/escalations/": (*("1", "2") * 5, *_ODD),
    "/api/notices/": (*("low", "urgent") * 5, *_ODD),
    "/api/duty/": (*("1", "2") * 5, *_ODD),
    "/api/insight/": ("forecast", "conversion", "aging", *_ODD),
    "/api/targets/": (*("1", "2") * 5, *_ODD),
    "/api/roles/": (*("rep",) * 9, *_ODD),
    "/api/people/": (*("1", "2") * 5, *_ODD),
    "/api/invitations/": (*("1", "2") * 5, *_ODD),
    "/api/sessions/": (*("1", "2") * 5, *_ODD),
    "/api/api-keys/": (*("cad_0123456789ab",) * 9, *_ODD),
    "/api/definitions/": (*("night",) * 9, *_ODD),
}
# What is there, by the name of a text in a body or a query.
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "pipeline": ("sales",),
    "policy": ("night", "duty"),
    "rotation": ("first",),
    "to": ("won", "talk"),
}
# Parts of an address beside a name that may be odd.
_SURE: Mapping[str, str] = {
    "number": "1",
    "node": "ways",
    "move_id": "1",
    "kind": "escalation_policy",
}
_HEADERS = (*("*",) * 8, '"x"', "x", "k1", "k2", "", "a" * 300, "\x7f")


@dataclass(frozen=True)
class Sent:
    """One request; `operation` is its part of the description."""

    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]
    operation: Schema


class Maker:
    def __init__(self, document: Schema, seed: int) -> None:
        self.document = document
        self.chance = random.Random(seed)
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if path.startswith("/api/")
        ]

    def requests(self, count: int) -> Iterator[Sent]:
        for number in range(count):
            # every operation in turn, so that none is left out by chance
            yield self._request(*self.operations[number % len(self.operations)])

    def _request(self, method: str, path: str, operation: Schema) -> Sent:
        query, headers = [], {}
        # one wrong of many spoils all, so of many a few are given
        asked = sum(one["in"] == "query" for one in operation.get("parameters", ()))
        often = min(0.4, 1.5 / max(asked, 1))
        for parameter in operation.get("parameters", ()):
            where, name = parameter["in"], parameter["name"]
            if where == "path":
                chosen = _SURE.get(name) or self.chance.choice(_names(path))
                path = path.replace(f"{{{name}}}", quote(chosen, safe=""))
            elif where == "header" and self.chance.random() < 0.7:
                headers[name] = self.chance.choice(_HEADERS)
            elif where == "query" and self.chance.random() < (0.9 if name == "other" else often):
                value = self._value(parameter["schema"], name)
                query.append(f"{name}={quote(str(value), safe='', errors='replace')}")
        if query:
            path = f"{path}?{'&'.join(query)}"
        body = None
        if "requestBody" in operation:
            media, content = next(iter(operation["requestBody"]["content"].items()))
            if media == "application/json":
                body = self._bytes(self._value(content["schema"]))
            else:
                media, body = (
                    "text/csv",
                    self.chance.choice([b"a,b\n1,2\n", b"", b"\xff\0", b"GIF89a"]),
                )
            headers["Content-Type"] = media
        return Sent(method, path, body, headers, operation)

    def _bytes(self, value: Any) -> bytes:
        text = json.dumps(value).encode()
        return text[: len(text) // 2] if self.chance.random() < 0.03 else text

    def _value(self, schema: Schema, name: str = "") -> Any:
        if self.chance.random() < 0.07:
            return self.chance.choice(NASTY)
        schema = resolved(schema, self.document)
        if "anyOf" in schema:
            return self._value(self.chance.choice(schema["anyOf"]), name)
        if "examples" in schema and self.chance.random() < 0.4:
            return self.chance.choice(schema["examples"])
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        match schema.get("type"):
            case "object" if "properties" in schema:
                return self._object(schema)
            case "object":
                return {"total": self.chance.choice(NASTY)}
            case "array":
                return [self._value(schema["items"]) for _ in range(self.chance.randrange(3))]
            case "integer":
                low, high = schema.get("minimum", -9), schema.get("maximum", 9)
                right = (low, min(low + 1, high)) * 3
                return self.chance.choice([*right, high, high + 1, low - 1])
            case "boolean":
                return self.chance.random() < 0.5
            case "null":
                return None
            case "string":
                return self._text(schema, name)
            case _:
                return self.chance.choice(RULES)

    def _object(self, schema: Schema) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            name: self._value(part, name)
            for name, part in schema["properties"].items()
            if self.chance.random() < (0.97 if name in required else 0.4)
        }
        if self.chance.random() < 0.03:
            made[self.chance.choice(["extra", "", "rule "])] = 1
        return made

    def _text(self, schema: Schema, name: str) -> str:
        if name in _TEXTS:
            return self.chance.choice(_TEXTS[name])
        match schema.get("format"):
            case "date-time":
                return self.chance.choice(["2026-03-02T09:00:00Z", "2199-12-31T23:59:59+14:00"])
            case "date":
                return self.chance.choice(["2026-03-02", "2000-01-01", "2199-12-31"])
        if "pattern" in schema:
            return self.chance.choice([*_THERE, f"s{self.chance.randrange(100)}"])
        return self.chance.choice(["ada@example.com", "Ada", "1", "a b"])


def _names(path: str) -> tuple[str, ...]:
    return next((names for of, names in _OF_KIND.items() if path.startswith(of)), _NAMES)


def resolved(schema: Schema, document: Schema) -> Schema:
    while "$ref" in schema:
        here: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            here = here[part]
        schema = here
    return schema


def misfits(value: Any, schema: Schema, document: Schema, place: str = "") -> list[str]:
    """Where the value is not what the schema says; only what our schemas make use of."""
    schema = resolved(schema, document)
    if "anyOf" in schema:
        every = [misfits(value, one, document, place) for one in schema["anyOf"]]
        return [] if any(not found for found in every) else [f"{place}: none of the choices"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is not listed"]
    if "type" in schema and not _is(value, schema["type"]):
        return [f"{place}: {value!r} is no {schema['type']}"]
    found = []
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                found.append(f"{place}/{name}: missing")
        for name, part in schema.get("properties", {}).items():
            if name in value:
                found += misfits(value[name], part, document, f"{place}/{name}")
    elif isinstance(value, list) and "items" in schema:
        for index, one in enumerate(value):
            found += misfits(one, schema["items"], document, f"{place}/{index}")
    return found


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "null":
            return value is None
    raise AssertionError(f"the schema of an answer has the type {kind}, which nobody checks")
