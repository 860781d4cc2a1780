"""An example for every body and answer in the description, made of the examples of its parts.

What a shape says itself counts first; the rest is filled in by kind, so that no operation is
without one and none is wrong about its form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_DEEPEST: Final = 8
_FORMATS: Final[Mapping[str, str]] = {
    "date-time": "2026-03-02T09:00:00Z",
    "date": "2026-03-02",
    "uuid": "7d0c2f6e-2b1a-4c1e-9a55-0d9a6d0f6b11",
    "uri": "https://example.com/",
    "binary": "",
}
# By the name of the member, where its form allows it.
_BY_NAME: Final[Mapping[str, Any]] = {
    "name": "spring",
    "label": "Spring",
    "label_zh": "春天",
    "email": "ada@example.com",
    "language": "en",
    "zone": "Asia/Singapore",
    "time_zone": "Asia/Singapore",
    "currency": "EUR",
    "country": "SG",
    "code": "changed_meanwhile",
}
_WORDS: Final = ("spring", "Ada", "en", "2026-03-02", "EUR", "sales", "09:00", "a", "1", "*", "/")


def example_of(schema: Schema, document: Schema, *, whole: bool, name: str = "") -> Any:
    """`whole`: with every member, as an answer has them; else those that must be there."""
    return _Maker(document, whole).make(schema, name, 0)


class _Maker:
    def __init__(self, document: Schema, whole: bool) -> None:
        self._document = document
        self._whole = whole

    def make(self, schema: Schema, name: str, depth: int) -> Any:
        schema = self._resolved(schema)
        if schema.get("examples"):
            return schema["examples"][0]
        for said in ("example", "const"):
            if said in schema:
                return schema[said]
        if schema.get("default") is not None:
            return schema["default"]
        if "enum" in schema:
            return schema["enum"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self._chosen(schema[choice], name, depth)
        return self._by_type(schema, name, depth)

    def _chosen(self, choices: list[Schema], name: str, depth: int) -> Any:
        """The first that is something, unless we are deep down already."""
        some = [one for one in choices if one.get("type") != "null"]
        if depth > _DEEPEST and len(some) < len(choices):
            return None
        return self.make(some[0], name, depth + 1) if some else None

    def _by_type(self, schema: Schema, name: str, depth: int) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                if depth > _DEEPEST and not schema.get("minItems"):
                    return []
                return [self.make(schema.get("items", {}), name, depth + 1)]
            case "integer":
                return max(int(schema.get("minimum", 1)), 1)
            case "number":
                return max(float(schema.get("minimum", 0.5)), 0.5)
            case "boolean":
                return True
            case "string":
                return self._text(schema, name)
        return None

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        if not properties:
            return {}
        required = schema.get("required", ())
        chosen = [
            name
            for name, part in properties.items()
            if self._whole or name in required or self._says_one(part)
        ]
        return {name: self.make(properties[name], name, depth + 1) for name in chosen}

    def _says_one(self, schema: Schema) -> bool:
        return bool(schema.get("examples")) or any(
            one.get("examples") for one in schema.get("anyOf", ())
        )

    def _text(self, schema: Schema, name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        for word in (str(_BY_NAME.get(name, "")), *_WORDS):
            if word and _fits(word, schema):
                return word
        return "a" * max(int(schema.get("minLength", 1)), 1)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            here: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                here = here[part]
            schema = here
        return schema


def _fits(word: str, schema: Schema) -> bool:
    if not schema.get("minLength", 0) <= len(word) <= schema.get("maxLength", len(word)):
        return False
    return "pattern" not in schema or re.search(schema["pattern"], word) is not None
