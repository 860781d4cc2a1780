"""What can be said of rules without looking at any record.

A search over the pieces into which the rules' own constants divide each value. Where it says that
something cannot be, that holds of all facts, at every instant, in every zone; where it says that
something can be, facts show it. Everything else it leaves open.
"""

from engine.rules.analysis.cases import SOME_TIME, CaseReport, check_cases
from engine.rules.analysis.document import check_document
from engine.rules.analysis.findings import Finding, Kind, Verdict
from engine.rules.analysis.one_rule import verdict

__all__ = [
    "SOME_TIME",
    "CaseReport",
    "Finding",
    "Kind",
    "Verdict",
    "check_cases",
    "check_document",
    "verdict",
]
