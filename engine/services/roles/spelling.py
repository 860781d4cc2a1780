"""How what a role allows is written down: `verb:kind:scope`, and names of fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from engine.errors import Problem, Refused
from engine.services.actor import (
    OWNED,
    OWNER_VERBS,
    SENSITIVE,
    Grants,
    Kind,
    Permission,
    Scope,
    Verb,
)

VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
MOST_HIDDEN: Final = 200
MOST_LINES: Final = len(VERBS) * len(KINDS)
_OWN_FIELD: Final = re.compile(r"contact\.custom\.[a-z][a-z0-9_]{0,62}")


def takes_scope(verb: str, kind: str) -> bool:
    """Whether it matters whose a record is."""
    return kind in OWNED and verb in OWNER_VERBS


def document_of(grants: Grants) -> dict[str, Any]:
    lines = [f"{verb}:{kind}:{grants.scope(verb, kind)}" for verb, kind in sorted(grants.allow)]
    return {"allow": lines, "hidden": sorted(grants.hidden)}


def stored_grants(document: Mapping[str, Any]) -> Grants:
    """Grants as they were kept. What no release knows any more allows nothing."""
    lines, _ = _read(document.get("allow") or ())
    hidden = frozenset(str(one) for one in document.get("hidden") or ())
    return _grants(lines, hidden)


def read_grants(allow: Sequence[str], hidden: Sequence[str]) -> Grants:
    """What somebody wrote. Raises Refused with every mistake."""
    lines, problems = _read(allow)
    for index, name in enumerate(hidden):
        if name not in SENSITIVE and not _OWN_FIELD.fullmatch(name):
            words = f'"{name[:80]}" cannot be hidden; choose {", ".join(SENSITIVE)}'
            problems.append(Problem(f"/hidden/{index}", "unknown_field", words))
    if len(hidden) > MOST_HIDDEN or len(allow) > MOST_LINES:
        problems.append(Problem("/allow", "too_many", "a role says each thing once."))
    if problems:
        raise Refused("The role was not kept.", problems)
    return _grants(lines, frozenset(hidden))


def _read(allow: Sequence[str]) -> tuple[dict[Permission, Scope], list[Problem]]:
    known: dict[Permission, Scope] = {}
    problems = []
    for index, line in enumerate(allow):
        verb, _, rest = str(line).partition(":")
        kind, _, scope = rest.partition(":")
        place = f"/allow/{index}"
        if verb not in VERBS or kind not in KINDS or scope not in SCOPES:
            words = f'"{str(line)[:80]}" is nothing that can be allowed; write verb:kind:scope'
            problems.append(Problem(place, "unknown_permission", words))
        elif scope != "all" and not takes_scope(verb, kind):
            words = f"{verb}:{kind} is allowed for all or not at all"
            problems.append(Problem(place, "no_scope", words))
        else:
            known[verb, kind] = scope
    return known, problems


def _grants(lines: Mapping[Permission, Scope], hidden: frozenset[str]) -> Grants:
    narrow = frozenset((*one, scope) for one, scope in lines.items() if scope != "all")
    return Grants(frozenset(lines), narrow, hidden)
