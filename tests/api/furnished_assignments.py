"""Rules that give Ada to Zoe, and two handovers: of Zoe's work, which goes on, and of Max's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.operation import KEEPERS, Operation
from tests.api.people import ADA

ZOE, MAX = 900, 901
RULES = "assignment: leads\nrules: [{to: {users: zoe@example.com}}]\n"
SHARES = {"contact": {"to": ["marketer@example.com"]}}
_PERSON = """
    INSERT INTO "user" (id, email, email_key, name, name_key, role) OVERRIDING SYSTEM VALUE
    VALUES (:id, :email, :email, :name, :name, 'viewer')
"""
_HANDOVER = """
    INSERT INTO handover (from_user_id, shares, state, kind, created_at)
    VALUES (:whose, '{"contact": {"way": "one", "takers": [1]}}', :state, 'contact', :now)
"""


async def furnish_assignments(session: AsyncSession, now: datetime) -> None:
    for id_, name in ((ZOE, "zoe"), (MAX, "max")):
        values = {"id": id_, "name": name, "email": f"{name}@example.com"}
        await session.execute(text(_PERSON), values)
    for whose, state in ((ZOE, "running"), (MAX, "done")):
        await session.execute(text(_HANDOVER), {"whose": whose, "state": state, "now": now})


RECORDS = {"kind": "contact", "ids": [ADA]}
LEADERS = ("admin", "sales_manager")
HANDS = ("write:team", "read:team", "write:contact")
ASSIGNMENTS = (
    Operation(
        "try_assignment",
        "POST",
        "/api/assignments/leads/try",
        ("read:assignment", "read:contact"),
        body=RECORDS,
    ),
    Operation(
        "assign",
        "POST",
        "/api/assignments/leads/assign",
        ("read:assignment", "write:contact"),
        KEEPERS,
        RECORDS,
        changes=True,
    ),
    Operation("list_assignment_queue", "GET", "/api/assignment-queue", ("read:assignment",)),
    Operation("list_handovers", "GET", "/api/handovers", ("read:team",)),
    Operation("get_handover", "GET", "/api/handovers/1", ("read:team",)),
    Operation("preview_handover_return", "GET", "/api/handovers/1/return", ("read:team",)),
    Operation(
        "preview_handover",
        "POST",
        "/api/handovers/preview",
        ("write:team", "write:contact"),
        LEADERS,
        {"from_id": MAX, "shares": SHARES},
    ),
    Operation(
        "start_handover",
        "POST",
        "/api/handovers",
        HANDS,
        LEADERS,
        {"from_id": MAX, "shares": SHARES},
        changes=True,
    ),
    Operation("return_handover", "POST", "/api/handovers/2/return", HANDS, LEADERS, changes=True),
    Operation("cancel_handover", "POST", "/api/handovers/1/cancel", HANDS, LEADERS, changes=True),
)
