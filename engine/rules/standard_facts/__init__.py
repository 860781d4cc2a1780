"""Every built-in field of every kind of record, in the order in which pickers show them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.rules.fact import Fact, RecordKind
from engine.rules.standard_facts.account import ACCOUNT
from engine.rules.standard_facts.change import CHANGE
from engine.rules.standard_facts.contact import CONTACT, LEAD_STATUSES, LIFECYCLE_STAGES
from engine.rules.standard_facts.deal import DEAL, FORECAST_CATEGORIES, STAGE_KINDS
from engine.rules.standard_facts.event import EVENT, EVENT_KINDS
from engine.rules.standard_facts.message import MESSAGE, MESSAGE_STATES
from engine.rules.standard_facts.order import ORDER, ORDER_STATUSES
from engine.rules.standard_facts.ticket import TICKET, TICKET_PRIORITIES, TICKET_STATUSES

STANDARD_FACTS: Mapping[RecordKind, Mapping[str, Fact]] = {
    "contact": CONTACT,
    "account": ACCOUNT,
    "deal": DEAL,
    "ticket": TICKET,
    "order": ORDER,
    "event": EVENT,
    "message": MESSAGE,
    "change": CHANGE,
}

__all__ = [
    "EVENT_KINDS",
    "FORECAST_CATEGORIES",
    "LEAD_STATUSES",
    "LIFECYCLE_STAGES",
    "MESSAGE_STATES",
    "ORDER_STATUSES",
    "STAGE_KINDS",
    "STANDARD_FACTS",
    "TICKET_PRIORITIES",
    "TICKET_STATUSES",
]
