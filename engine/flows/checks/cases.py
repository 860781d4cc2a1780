"""Cases that are never reached, cases that overlap, and an "else" that nobody is left for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.flows.checks.examined import Examined, doubted
from engine.flows.checks.remembered import never_together
from engine.flows.problems import Code, FlowProblem
from engine.flows.rule_findings import case_problems
from engine.rules import Rule, ir


def case_findings(seen: Examined) -> Iterator[FlowProblem]:
    for name, step in seen.steps.items():
        keys = [key for key in step.rules() if (name, key) in seen.rules]
        if not keys or len(keys) < len(step.rules()):
            continue
        rules = [seen.rules[name, key] for key in keys]
        found = list(case_problems(name, keys, rules, seen.catalogue)) if len(keys) > 1 else []
        yield from found
        hidden = any(problem.code is Code.UNREACHABLE_CASE for problem in found)
        if "else" in step.exit_names() and not hidden and _takes_everybody(rules):
            message = (
                f'nobody is left for the "else" of step "{name}": its cases take everybody. Take a '
                "condition back, or the step out."
            )
            yield doubted(Code.UNREACHABLE_CASE, ("steps", name, "else"), message)


def _takes_everybody(rules: Sequence[Rule]) -> bool:
    return never_together(*(ir.Not(rule.root) for rule in rules))
