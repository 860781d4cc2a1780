"""From a JSON document to a rule that can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.rules import ir
from engine.rules.check import Checker, Scope
from engine.rules.envelope import unwrap
from engine.rules.evaluate import Predicates
from engine.rules.facts import Catalogue, Subject
from engine.rules.limits import size_problems
from engine.rules.moments import depends_on_zone, resolver
from engine.rules.operators import find
from engine.rules.problems import RuleProblem, RuleRefused, step_into
from engine.rules.reads import reads_of
from engine.rules.rule import Rule

NO_SEGMENTS: Mapping[str, object] = MappingProxyType({})


def parse(
    document: object,
    catalogue: Catalogue,
    *,
    event_rule: bool,
    subject: Subject = "contact",
    segments: Mapping[str, object] = NO_SEGMENTS,
) -> Rule:
    """Check a rule, bare or as `{"dialect": 1, "rule": ...}`, and compile it.

    `event_rule` says that an event is at hand (`event.*`), `subject` what the rule is about:
    `deal.*` exists only in rules about a deal. `segments` are the saved rules that `member_of` may
    name. Raises RuleRefused with every problem found.
    """
    bare, pointer = unwrap(document)
    if problems := size_problems(bare, pointer):
        raise RuleRefused(tuple(problems))
    checker = Checker(catalogue, find, segments)
    scope = Scope(catalogue.reachable(event_rule=event_rule, subject=subject))
    root = checker.predicate(bare, scope, pointer)
    if checker.problems or root is None:
        raise RuleRefused(tuple(_inside(problem, document) for problem in checker.problems))
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


def _inside(problem: RuleProblem, document: object) -> RuleProblem:
    """The problem at the nearest place that exists, where a macro had put words of its own."""
    kept, here = "", document
    for part in problem.pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and key in here:
            here = here[key]
        elif isinstance(here, list | tuple) and key.isdecimal() and int(key) < len(here):
            here = here[int(key)]
        else:
            break
        kept = step_into(kept, key)
    return RuleProblem(kept, problem.code, problem.message)
