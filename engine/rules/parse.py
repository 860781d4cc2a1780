"""From a JSON document to a rule that can be asked."""

from __future__ import annotations

from collections.abc import Mapping

from engine.rules import ir
from engine.rules.check import Checker, Scope
from engine.rules.envelope import unwrap
from engine.rules.evaluate import Predicates
from engine.rules.facts import Catalogue, Subject
from engine.rules.limits import size_problems
from engine.rules.moments import depends_on_zone, resolver
from engine.rules.operators import find
from engine.rules.problems import RuleRefused, nearest
from engine.rules.reads import reads_of
from engine.rules.rule import Rule


def parse(
    document: object,
    catalogue: Catalogue,
    *,
    event_rule: bool,
    subject: Subject = "contact",
    segments: Mapping[str, object] | None = None,
) -> Rule:
    """Check a rule, bare or as `{"dialect": 1, "rule": ...}`, and compile it.

    `event_rule` says that an event is at hand (`event.*`), `subject` what the rule is about:
    `deal.*` exists only in rules about a deal. `segments` are the saved rules that `member_of` may
    name; those of the catalogue when left out. Raises RuleRefused with every problem found.
    """
    bare, pointer = unwrap(document)
    if problems := size_problems(bare, pointer):
        raise RuleRefused(tuple(problems))
    known = catalogue.segments if segments is None else segments
    checker = Checker(catalogue, find, known)
    scope = Scope(catalogue.reachable(event_rule=event_rule, subject=subject))
    root = checker.predicate(bare, scope, pointer)
    if checker.problems or root is None:
        raise RuleRefused(tuple(nearest(problem, document) for problem in checker.problems))
    return compiled(document, root)


def compiled(document: object, root: ir.Predicate) -> Rule:
    """The rule of a checked condition."""
    compiler = Predicates()
    test = compiler.predicate(root)
    return Rule(
        document=document,
        root=root,
        reads=reads_of(root),
        _test=test,
        _resolvers=tuple(map(resolver, compiler.moments)),
        _zoned=any(map(depends_on_zone, compiler.moments)),
    )
