"""How the built-in facts are written down: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from engine.rules.fact import Fact, RecordKind
from engine.rules.provenance import Change, Origin
from engine.rules.types import Label, Type


def fact(
    name: str,
    kind: Type,
    en: str,
    zh: str,
    origin: Origin = Origin.WRITTEN,
    change: Change = Change.WRITTEN,
    *,
    values: tuple[str, ...] = (),
    folded: bool = False,
    follows: tuple[RecordKind, ...] = (),
    written: object = None,
    in_base: bool = False,
) -> Fact:
    return Fact(
        name,
        kind,
        Label(en, zh),
        values,
        folded,
        origin=origin,
        change=change,
        follows=follows,
        written=written,
        in_base=in_base,
    )


def by_name(facts: tuple[Fact, ...]) -> Mapping[str, Fact]:
    return {one.name: one for one in facts}
