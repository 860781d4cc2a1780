"""What an approval chain is: levels, approvers, quorum, bands."""

from engine.approvals.approvers import Approver, ManagerOf, Quorum
from engine.approvals.kind import KIND
from engine.approvals.model import ALL_HOURS, BASE, Band, Chain, Level, Timeout
from engine.approvals.written import read_chain

__all__ = [
    "ALL_HOURS",
    "BASE",
    "KIND",
    "Approver",
    "Band",
    "Chain",
    "Level",
    "ManagerOf",
    "Quorum",
    "Timeout",
    "read_chain",
]
