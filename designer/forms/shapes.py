"""What a property of a JSON Schema asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ShapeKind = Literal[
    "choice", "switch", "number", "several", "texts", "repeat", "group", "mapping", "text", "any"
]
# Hints that say more than the type does.
_OF_ANY = ("rule", "amount")


@dataclass(frozen=True, slots=True)
class Shape:
    """`choices` of a choice, or of each of several; `inner` is the schema of a group or of each
    part of a repetition. `may_miss`: nothing is an answer too."""

    kind: ShapeKind
    may_miss: bool = False
    choices: tuple[str, ...] = ()
    inner: Mapping[str, Any] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None
    whole: bool = False


def shape_of(prop: Mapping[str, Any], definitions: Mapping[str, Any]) -> Shape:
    """What there is to fill in; "any" where nothing is known but that it is JSON."""
    variants = prop.get("anyOf")
    if isinstance(variants, list):
        return _of_variants(prop, variants, definitions)
    return _plain(prop, definitions, may_miss="default" in prop and prop["default"] is None)


def _of_variants(
    prop: Mapping[str, Any], variants: list[Any], definitions: Mapping[str, Any]
) -> Shape:
    real = [one for one in variants if one.get("type") != "null"]
    may_miss = len(real) < len(variants)
    if len(real) != 1:
        return Shape("any", may_miss)
    return _plain({**prop, **real[0]}, definitions, may_miss=may_miss)


def _plain(prop: Mapping[str, Any], definitions: Mapping[str, Any], *, may_miss: bool) -> Shape:
    if "$ref" in prop:
        return Shape("group", may_miss, inner=definition_of(prop, definitions))
    if "const" in prop:
        return Shape("choice", may_miss, (str(prop["const"]),))
    if "enum" in prop:
        return Shape("choice", may_miss, tuple(map(str, prop["enum"])))
    match prop.get("type"):
        case "boolean":
            return Shape("switch", may_miss)
        case "integer" | "number" as kind:
            least, most = prop.get("minimum"), prop.get("maximum")
            return Shape("number", may_miss, least=least, most=most, whole=kind == "integer")
        case "array":
            return _array(prop.get("items", {}), definitions, may_miss)
        case "object":
            return Shape("mapping", may_miss)
        case "string":
            return Shape("text", may_miss)
    return Shape("any", may_miss=True)


def _array(items: Mapping[str, Any], definitions: Mapping[str, Any], may_miss: bool) -> Shape:
    if "$ref" in items:
        return Shape("repeat", may_miss, inner=definition_of(items, definitions))
    if "enum" in items:
        return Shape("several", may_miss, tuple(map(str, items["enum"])))
    if items.get("type") == "string":
        return Shape("texts", may_miss)
    return Shape("any", may_miss)


def definition_of(prop: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    found = definitions.get(str(prop["$ref"]).rpartition("/")[2], {})
    return found if isinstance(found, Mapping) else {}


def fresh(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A new part of a repetition: what is demanded, with something to begin with."""
    begun: dict[str, Any] = {}
    for name in schema.get("required", ()):
        prop = schema.get("properties", {}).get(name, {})
        if prop.get("type") == "integer":
            begun[name] = max(1, int(prop.get("minimum", 1)))
    return begun
