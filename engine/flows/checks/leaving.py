"""What the flow's own exit rule makes impossible: staying at all, or coming to a case."""

from __future__ import annotations

from collections.abc import Iterator

from engine.flows.checks.examined import Examined, found
from engine.flows.checks.remembered import never_together
from engine.flows.problems import Code, FlowProblem
from engine.rules import Rule, ir


def leaving_problems(seen: Examined) -> Iterator[FlowProblem]:
    """Whoever fulfils `exit_when` is out before the next step is asked."""
    if seen.exit_rule is None:
        return
    stays = ir.Not(seen.exit_rule.root)
    entering = [] if seen.entry_rule is None else [seen.entry_rule.root]
    if never_together(*entering, stays):
        message = (
            '"exit_when" holds for everybody who enters, so all of them leave before the first '
            "step; change one of the two rules."
        )
        yield found(Code.LEAVES_AT_ONCE, ("exit_when",), message)
        return
    for (name, key), rule in seen.rules.items():
        if key.startswith("cases/") and _has_left(rule, stays):
            at = int(key.split("/")[1])
            message = (
                f"case {at + 1} is never reached, because whoever fulfils it has left by "
                '"exit_when"; take it out, or change the exit rule.'
            )
            yield found(Code.UNREACHABLE_CASE, ("steps", name, "cases", at), message)


def _has_left(case: Rule, stays: ir.Predicate) -> bool:
    return never_together(case.root, stays) and not never_together(case.root)
