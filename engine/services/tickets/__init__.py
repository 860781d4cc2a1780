"""Tickets: taken in once, answered in time, closed, and asked about."""

from engine.services.tickets.intake import Question, TakenIn, take_in
from engine.services.tickets.merging import merge
from engine.services.tickets.policies import (
    SeenPolicy,
    check_source,
    save_policy,
    see_policy,
)
from engine.services.tickets.showing import (
    ShownClock,
    ShownTicket,
    TicketFilter,
    TicketLine,
    list_comments,
    list_tickets,
    show_ticket,
)
from engine.services.tickets.surveys import (
    ShownSurvey,
    SurveyStanding,
    give_satisfaction,
    survey_shown,
)
from engine.services.tickets.talking import (
    answer,
    customer_wrote,
    note,
    set_owner,
    set_priority,
    set_status,
)
from engine.services.tickets.tending import tend_ticket

__all__ = [
    "Question",
    "SeenPolicy",
    "ShownClock",
    "ShownSurvey",
    "ShownTicket",
    "SurveyStanding",
    "TakenIn",
    "TicketFilter",
    "TicketLine",
    "answer",
    "check_source",
    "customer_wrote",
    "give_satisfaction",
    "list_comments",
    "list_tickets",
    "merge",
    "note",
    "save_policy",
    "see_policy",
    "set_owner",
    "set_priority",
    "set_status",
    "show_ticket",
    "survey_shown",
    "take_in",
    "tend_ticket",
]
