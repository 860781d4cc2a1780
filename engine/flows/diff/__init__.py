"""What differs between two versions of a flow: node by node, and as text."""

from engine.flows.diff.comparing import diff_flows
from engine.flows.diff.differences import MISSING, Difference, Fate, FlowDiff, NodeDiff
from engine.flows.diff.listing import Line, listed, text_diff

__all__ = [
    "MISSING",
    "Difference",
    "Fate",
    "FlowDiff",
    "Line",
    "NodeDiff",
    "diff_flows",
    "listed",
    "text_diff",
]
