"""Running the cases of a rule file: facts in, verdict out, and why where it is another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import Problem
from engine.rules import Catalogue, Language
from engine.rules.wording import sentence
from engine.services.rules.asked import examine
from engine.services.rules.facts_given import FactReader
from engine.services.rules.files import Case, RuleFile

Outcome = Literal["passed", "failed", "broken"]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`failed` is another verdict than was written, `because` says why; `broken` is a case that
    cannot be asked, with the problems.
    """

    name: str
    place: str
    outcome: Outcome
    because: str = ""
    problems: tuple[Problem, ...] = ()


def run_cases(file: RuleFile, catalogue: Catalogue, language: Language) -> list[CaseResult]:
    """Every case, in order. No clock and no database: a case brings its own now."""
    return [_run(case, file, catalogue, language) for case in file.cases]


def _run(case: Case, file: RuleFile, catalogue: Catalogue, language: Language) -> CaseResult:
    place = file.line(case.pointer)
    examined = examine(case.rule.asked, catalogue)
    reader = FactReader(catalogue)
    facts = reader.facts(case.facts, f"{case.pointer}/facts")
    problems = [
        *(file.problem(one, case.rule.pointer) for one in examined.problems),
        *(file.problem(one) for one in reader.problems),
    ]
    if examined.rule is None or problems:
        return CaseResult(case.name, place, "broken", problems=tuple(problems))
    tree = examined.rule.explain(facts, case.now, case.zone)
    if tree.truth is case.holds:
        return CaseResult(case.name, place, "passed")
    return CaseResult(case.name, place, "failed", sentence(tree, language, catalogue))
