"""Requests that our own people decide: asking, deciding, reminding, ending."""

from engine.services.approvals.asking import Amount, Ask, EditLock, Ended, EndState, InlineChain
from engine.services.approvals.locks import locked_fields
from engine.services.approvals.opening import cancel_requests, open_request, open_requests
from engine.services.approvals.tending import pending_seats, reassign_seats

__all__ = [
    "Amount",
    "Ask",
    "EditLock",
    "EndState",
    "Ended",
    "InlineChain",
    "cancel_requests",
    "locked_fields",
    "open_request",
    "open_requests",
    "pending_seats",
    "reassign_seats",
]
