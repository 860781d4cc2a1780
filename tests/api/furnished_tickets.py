"""Operations on tickets, and two tickets of Ada's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Ticket
from tests.api.operation import Operation
from tests.api.people import ADA

ANY = {"If-Match": "*"}
TICKET, WRITE_TICKET = "read:ticket", "write:ticket"
DESK = ("admin", "sales_manager", "rep", "service")
TICKETS = (
    Operation("list_tickets", "GET", "/api/tickets", (TICKET,)),
    Operation("get_ticket", "GET", "/api/tickets/1", (TICKET,)),
    Operation("list_ticket_comments", "GET", "/api/tickets/1/comments", (TICKET,)),
    Operation("get_ticket_policy", "GET", "/api/ticket-policy", (TICKET,)),
    Operation(
        "create_ticket",
        "POST",
        "/api/tickets",
        (WRITE_TICKET,),
        DESK,
        {"contact_id": ADA, "subject": "Help"},
        changes=True,
    ),
    Operation(
        "change_ticket",
        "PATCH",
        "/api/tickets/1",
        (WRITE_TICKET, TICKET),
        DESK,
        {"status": "solved"},
        changes=True,
    ),
    Operation(
        "add_ticket_comment",
        "POST",
        "/api/tickets/1/comments",
        (WRITE_TICKET,),
        DESK,
        {"body": "Which one?", "then": "pending"},
        changes=True,
    ),
    Operation(
        "merge_ticket",
        "POST",
        "/api/tickets/2/merge",
        (WRITE_TICKET, TICKET),
        DESK,
        {"into": 1},
        changes=True,
    ),
    Operation(
        "put_ticket_policy",
        "PUT",
        "/api/ticket-policy",
        (WRITE_TICKET, TICKET),
        ("admin",),
        {"policy": {"alerts": [50]}},
        ANY,
        changes=True,
    ),
)


async def furnish_tickets(session: AsyncSession, now: datetime) -> None:
    tickets = [
        {"contact_id": ADA, "subject": subject, "opened_at": now}
        for subject in ("Help", "Help again")
    ]
    await session.execute(insert(Ticket), tickets)
