"""What is promised for tickets: targets, clocks, surveys."""

from engine.tickets.policy import CLOCK_TIME, PriorityRule, Survey, Targets, TicketPolicy
from engine.tickets.reading import check_policy, read_policy
from engine.tickets.standard import STANDARD
from engine.tickets.subject_line import subject_key

__all__ = [
    "CLOCK_TIME",
    "STANDARD",
    "PriorityRule",
    "Survey",
    "Targets",
    "TicketPolicy",
    "check_policy",
    "read_policy",
    "subject_key",
]
