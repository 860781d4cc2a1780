"""What Cadenza tells of tickets itself, with the ticket's number as `ticket_id`."""

from __future__ import annotations

from typing import Final

TICKET_KIND: Final = "ticket"

OPENED: Final = "Ticket Opened"
# Of ours, where the customer can read it.
ANSWERED: Final = "Ticket Answered"
SOLVED: Final = "Ticket Solved"
CLOSED: Final = "Ticket Closed"
REOPENED: Final = "Ticket Reopened"
BREACHED: Final = "Ticket Breached"
SATISFACTION_GIVEN: Final = "Satisfaction Given"

TICKET_EVENTS: Final = (
    *(OPENED, ANSWERED, SOLVED, CLOSED, REOPENED, BREACHED),
    SATISFACTION_GIVEN,
)
