"""What can be said of a table without any record: dead rows, overlaps and gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.rules.analysis import CaseReport, Finding, Kind, check_cases
from engine.rules.facts import Catalogue
from engine.rules.tables.compiled import CompiledTable
from engine.rules.tables.problems import Code, TableProblem
from engine.rules.tables.table import HitPolicy

# A thousand rows in a few columns take some hundred thousand steps, about a second.
_LIMIT = 600_000
_SHOWN_ROWS = 6


def check_table(compiled: CompiledTable, catalogue: Catalogue) -> list[TableProblem]:
    """Warnings, each with the rows concerned and facts that show it.

    With hit policy "all" rows are meant to hold together, so only rows that can never hold are
    told. Under the others an overlap is told where neither row is part of the other and they give
    different answers. One gap is told at most, by example; a last row of "any" leaves none.
    """
    order = compiled.order
    ruled = compiled.table.hit is not HitPolicy.ALL
    report = check_cases(
        [compiled.rules[at] for at in order], catalogue=catalogue, overlaps=ruled, limit=_LIMIT
    )
    return sorted(_problems(compiled, report, ruled=ruled), key=lambda one: one.row or 10**9)


def _problems(
    compiled: CompiledTable, report: CaseReport, *, ruled: bool
) -> Iterator[TableProblem]:
    rows = _Rows(compiled)
    crossing: dict[int, list[Finding]] = {}
    for finding in report.findings:
        match finding.kind:
            case Kind.IMPOSSIBLE:
                message = "The conditions of this row exclude each other, so it never holds."
                yield TableProblem(Code.NEVER_TRUE, message, rows.of(finding.pointer), warning=True)
            case Kind.SHADOWED if ruled:
                yield rows.shadowed(finding)
            case Kind.OVERLAP if ruled and rows.matters(finding):
                crossing.setdefault(rows.of(finding.pointer), []).append(finding)
            case Kind.GAP:
                message = "There are records that no row takes; add a last row of any, or leave it."
                yield TableProblem(Code.GAP, message, warning=True, example=finding.example)
    for row, findings in crossing.items():
        yield rows.overlap(row, findings)
    if report.undecided and ruled:
        names = ", ".join(sorted(report.undecided))
        message = f"The table is too entangled to be checked for {names}; nothing is known of it."
        yield TableProblem(Code.NOT_DECIDED, message, warning=True)


class _Rows:
    """From places in the order of trying to rows of the table."""

    def __init__(self, compiled: CompiledTable) -> None:
        self._compiled = compiled

    def of(self, pointer: str) -> int:
        return self._compiled.order[int(pointer.removeprefix("/"))] + 1

    def shadowed(self, finding: Finding) -> TableProblem:
        others = tuple(map(self.of, finding.others))
        takers = f"row {others[0]} takes" if others else "the rows before it take"
        message = f"This row is never reached, because {takers} everybody it could hold for."
        row = self.of(finding.pointer)
        return TableProblem(Code.NEVER_REACHED, message, row, warning=True, others=others)

    def matters(self, finding: Finding) -> bool:
        """Whether it makes a difference which of the two rows wins, and nobody has said so."""
        later, earlier = self.of(finding.pointer), self.of(finding.others[0])
        answers, rows = self._compiled.answers, self._compiled.table.rows
        if finding.nested or answers[later - 1] == answers[earlier - 1]:
            return False
        if self._compiled.table.hit is HitPolicy.HIGHEST:
            return rows[later - 1].score == rows[earlier - 1].score
        return True

    def overlap(self, row: int, findings: Sequence[Finding]) -> TableProblem:
        """One problem for a row, with the first example of several."""
        others = tuple(self.of(finding.others[0]) for finding in findings)
        listed = f"row{'s' * (len(others) > 1)} {', '.join(map(str, others[:_SHOWN_ROWS]))}"
        message = (
            f"This row can hold together with {listed} and answers differently; the other goes "
            "first. Check that this is meant."
        )
        example = findings[0].example
        return TableProblem(
            Code.OVERLAP, message, row, warning=True, others=others, example=example
        )
