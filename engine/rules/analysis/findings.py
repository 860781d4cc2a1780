"""What can be found out about rules without any record: typed, with places and an example."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Facts = dict[str, Any]


class Verdict(StrEnum):
    """What is known of one rule. `NOT_DECIDED` says that the search was given up, not that
    something is wrong.
    """

    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    ALWAYS = "always"
    NOT_DECIDED = "not_decided"


class Kind(StrEnum):
    """Codes of findings; stable, programs may react to them."""

    IMPOSSIBLE = "impossible"
    ALWAYS = "always"
    SHADOWED = "shadowed"
    OVERLAP = "overlap"
    GAP = "gap"
    NOT_DECIDED = "not_decided"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth telling.

    `pointer` is a JSON Pointer: into the rule's document for a single rule, else "/<case>" counted
    from 0. `others` are the places it is at odds with. `example` are facts that show it, tried out
    on the rules themselves; `shadowed`, `impossible` and `always` have none, because they speak of
    all facts. `nested` says of an overlap that every record of one case is a record of the other.
    """

    kind: Kind
    pointer: str
    others: tuple[str, ...] = ()
    example: Facts | None = None
    nested: bool = False
