"""The approval machine: where a request stands + what happens -> where it stands then, and who is
told. Pure: the same in production, on a virtual clock and in property tests."""

from engine.machines.approval.answers import (
    answered,
    asked_back,
    cancelled,
    delegated,
    opened,
    reassigned,
    recalled,
    resubmitted,
    returned,
    sent_back,
    voted,
)
from engine.machines.approval.seating import acting
from engine.machines.approval.state import (
    ENDED,
    Here,
    Moved,
    Seat,
    State,
    Status,
    Tell,
    as_json,
    from_json,
)
from engine.machines.approval.time import LOOK_AGAIN, next_due, time_came

__all__ = [
    "ENDED",
    "LOOK_AGAIN",
    "Here",
    "Moved",
    "Seat",
    "State",
    "Status",
    "Tell",
    "acting",
    "answered",
    "as_json",
    "asked_back",
    "cancelled",
    "delegated",
    "from_json",
    "next_due",
    "opened",
    "reassigned",
    "recalled",
    "resubmitted",
    "returned",
    "sent_back",
    "time_came",
    "voted",
]
