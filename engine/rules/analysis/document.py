"""The parts of a rule's document that can never be true or never be false, by their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

from engine.rules import ir
from engine.rules.analysis.findings import Finding, Kind, Verdict
from engine.rules.analysis.one_rule import never_together, verdict
from engine.rules.envelope import unwrap
from engine.rules.facts import Catalogue, Subject
from engine.rules.parse import parse
from engine.rules.problems import RuleRefused, step_into

_SETTLED = {Verdict.IMPOSSIBLE: Kind.IMPOSSIBLE, Verdict.ALWAYS: Kind.ALWAYS}
# Naming the two parts that exclude each other is a courtesy; longer rows get the row's own place.
_MOST_PARTS = 24


@dataclass(frozen=True, slots=True)
class _Part:
    pointer: str
    document: object
    root: ir.Predicate
    verdict: Verdict


def check_document(
    document: object,
    catalogue: Catalogue,
    *,
    event_rule: bool,
    subject: Subject = "contact",
    segments: Mapping[str, object] | None = None,
) -> tuple[Finding, ...]:
    """What is impossible or constant in a rule that parses; parts, so far as `and`, `or` and `!`
    lead to them. A literal true or false is left alone, because somebody meant it. `NOT_DECIDED`
    says of the whole rule that the search was given up.

    Slower than `parse`, which never calls it. Raises RuleRefused for a rule that does not parse.
    """

    def read(part: object) -> ir.Predicate:
        return parse(
            part, catalogue, event_rule=event_rule, subject=subject, segments=segments
        ).root

    bare, pointer = unwrap(document)
    root = read(bare)
    whole = _Part(pointer, bare, root, verdict(root))
    open_ = whole.verdict is Verdict.NOT_DECIDED
    undecided = [Finding(Kind.NOT_DECIDED, pointer)] if open_ else []
    return (*_Walk(read).findings(whole), *undecided)


@dataclass(frozen=True, slots=True)
class _Walk:
    read: Callable[[object], ir.Predicate]

    def findings(self, part: _Part) -> list[Finding]:
        name, inner = self._parts(part)
        found = [finding for one in inner for finding in self.findings(one)]
        kind = _SETTLED.get(part.verdict)
        if kind is not None and not isinstance(part.document, bool):
            found.extend(_own(part, kind, name, inner))
        return found

    def _parts(self, part: _Part) -> tuple[str, list[_Part]]:
        """The operator and its parts, where these are conditions on the same record."""
        match part.document:
            case {"and": list(parts)}:
                name = "and"
            case {"or": list(parts)}:
                name = "or"
            case {"!": [dict()] as parts}:
                name = "!"
            case _:
                return "", []
        try:
            roots = [self.read(one) for one in parts]
        except RuleRefused:
            # such as `!` of a text, which is a condition only where it stands
            return "", []
        place = step_into(part.pointer, name)
        return name, [
            _Part(step_into(place, at), one, root, verdict(root))
            for at, (one, root) in enumerate(zip(parts, roots, strict=True))
        ]


def _own(part: _Part, kind: Kind, name: str, inner: list[_Part]) -> list[Finding]:
    """The finding about the part itself, unless those inside have said it."""
    verdicts = [one.verdict for one in inner]
    explained = {
        "and": Verdict.IMPOSSIBLE in verdicts or set(verdicts) == {Verdict.ALWAYS},
        "or": Verdict.ALWAYS in verdicts or set(verdicts) == {Verdict.IMPOSSIBLE},
        "!": bool(inner) and verdicts[0] in _SETTLED,
    }
    if explained.get(name):
        return []
    at_odds = _at_odds(inner) if name == "and" and kind is Kind.IMPOSSIBLE else None
    if at_odds is None:
        return [Finding(kind, part.pointer)]
    first, second = at_odds
    return [Finding(kind, second.pointer, (first.pointer,))]


def _at_odds(parts: list[_Part]) -> tuple[_Part, _Part] | None:
    """Two of the parts that exclude each other."""
    for first, second in combinations(parts[:_MOST_PARTS], 2):
        if never_together([first.root, second.root]):
            return first, second
    return None
