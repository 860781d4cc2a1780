"""What the analysis of rules says about a flow's rules: never true, never reached, overlapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.flows.checks.remembered import verdict
from engine.flows.problems import Code, FlowProblem, Path, Severity, pointer_to
from engine.rules import Catalogue, Rule, ir
from engine.rules.analysis import Finding, Kind, Verdict, check_cases, check_document


def never_true(
    rule: Rule, path: Path, catalogue: Catalogue, *, event_rule: bool
) -> Iterator[FlowProblem]:
    """A rule that contradicts itself is an error; a plain `false` was written on purpose and is a
    warning.
    """
    if rule.root == ir.Constant(False):
        message = "this rule is never true, so nobody gets here."
        yield FlowProblem(Code.NEVER_TRUE, pointer_to(path), message, Severity.WARNING)
    elif verdict(rule.root) is Verdict.IMPOSSIBLE:
        whole = (Finding(Kind.IMPOSSIBLE, ""),)
        inside = check_document(rule.document, catalogue, event_rule=event_rule)
        for finding in [one for one in inside if one.kind is Kind.IMPOSSIBLE] or whole:
            pointer = pointer_to(path) + finding.pointer
            yield FlowProblem(Code.NEVER_TRUE, pointer, _impossible(finding))


def _impossible(finding: Finding) -> str:
    if finding.others:
        against = finding.others[0] or "/"
        return (
            f"this condition and the one at {against} of the rule exclude each other, so the rule "
            "can never be true; change one of them."
        )
    return "this condition can never be true, whoever it is asked about; change it or take it out."


def case_problems(
    name: str, keys: Sequence[str], rules: Sequence[Rule], catalogue: Catalogue
) -> Iterator[FlowProblem]:
    """Cases of one step that are never reached, and those that can hold together.

    Cases where one holds only if the other does are in the order somebody chose; only those that
    cross each other are warned about, once for each later case.
    """
    places: list[Path] = [("steps", name, *key.split("/")[:-1]) for key in keys]
    report = check_cases(rules, catalogue=catalogue)
    for finding in report.of(Kind.SHADOWED):
        at = _case(finding.pointer)
        why = (
            f"case {_case(finding.others[0]) + 1} takes everybody it could hold for"
            if finding.others
            else "the cases before it take everybody it could hold for"
        )
        message = f"case {at + 1} is never reached, because {why}."
        yield FlowProblem(Code.UNREACHABLE_CASE, pointer_to(places[at]), message)
    crossing: dict[int, list[int]] = {}
    for finding in report.of(Kind.OVERLAP):
        if not finding.nested:
            crossing.setdefault(_case(finding.pointer), []).append(_case(finding.others[0]))
    for at, earlier in crossing.items():
        others = ", ".join(str(other + 1) for other in earlier)
        message = (
            f"case {at + 1} can hold together with case {others}, which goes first; check that "
            "the order is meant."
        )
        yield FlowProblem(Code.OVERLAPPING_CASES, pointer_to(places[at]), message, Severity.WARNING)


def _case(pointer: str) -> int:
    return int(pointer.removeprefix("/"))
