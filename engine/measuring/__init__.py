"""What numbers say and what they do not: pure statistics over counts."""

from engine.measuring.lift import Group, Lift, Says, lift_of
from engine.measuring.proportions import Interval, difference, ratio, wilson
from engine.measuring.sequential import METHOD, Arm, Evidence, evidence_of

__all__ = [
    "METHOD",
    "Arm",
    "Evidence",
    "Group",
    "Interval",
    "Lift",
    "Says",
    "difference",
    "evidence_of",
    "lift_of",
    "ratio",
    "wilson",
]
