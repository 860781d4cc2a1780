"""What the operations about privacy and backups are tried on."""

from __future__ import annotations

from datetime import datetime

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.privacy import NewRequest, open_request
from tests.api.operation import Operation

ADMIN = ("admin",)
_READ, _WRITE = "read:privacy", "write:privacy"
PRIVACY = (
    Operation("list_privacy_requests", "GET", "/api/privacy-requests", (_READ,), ADMIN),
    Operation(
        "open_privacy_request",
        "POST",
        "/api/privacy-requests",
        (_WRITE,),
        ADMIN,
        body={"kind": "export", "contact": 1},
        changes=True,
    ),
    Operation(
        "decline_privacy_request",
        "POST",
        "/api/privacy-requests/1/refusal",
        (_READ, _WRITE),
        ADMIN,
        body={"reason": "It was not them."},
        changes=True,
    ),
    Operation(
        "export_person",
        "GET",
        "/api/contacts/1/personal-data",
        (_READ, "read:contact"),
        ADMIN,
    ),
    Operation("list_retention_rules", "GET", "/api/retention", (_READ,), ADMIN),
    Operation("get_backup_state", "GET", "/api/backups", ("read:backup",), ADMIN),
)


async def furnish_privacy(store: Store, now: datetime) -> None:
    """A request to decline."""
    async with store.transaction() as session:
        await open_request(session, SYSTEM, NewRequest("erase", 1), now)
