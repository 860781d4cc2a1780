"""Questions and complaints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.models import TicketPriority, TicketStatus
from engine.services.imports.kinds.base import (
    EXTERNAL_ID,
    Reads,
    RecordField,
    RecordKind,
    Surroundings,
)
from engine.services.imports.kinds.targets import ACCOUNT, CONTACT, USER
from engine.services.tickets.imported import tickets_imported


def _complete(
    values: dict[str, Any], _before: Mapping[str, Any] | None, around: Surroundings
) -> dict[str, Any]:
    return {"opened_at": values.get("opened_at") or around.now}


TICKETS = RecordKind(
    name="tickets",
    noun="ticket",
    table="ticket",
    permission="ticket",
    fields={
        "external_id": RecordField(),
        "subject": RecordField(),
        "contact": RecordField(Reads.REFERENCE, "contact_id", target=CONTACT),
        "account": RecordField(Reads.REFERENCE, "account_id", target=ACCOUNT),
        "owner": RecordField(Reads.REFERENCE, "owner_id", target=USER),
        "status": RecordField(Reads.CHOICE, choices=tuple(TicketStatus)),
        "priority": RecordField(Reads.CHOICE, choices=tuple(TicketPriority)),
        "opened_at": RecordField(Reads.INSTANT),
        "solved_at": RecordField(Reads.INSTANT),
    },
    keys={"external_id": EXTERNAL_ID},
    match_by=("external_id",),
    needed=("external_id", "subject"),
    complete=_complete,
    defaults={"status": TicketStatus.NEW, "priority": TicketPriority.NORMAL},
    told_by="contact_id",
    dated=False,
    follow_up=tickets_imported,
    moves_with=frozenset({"status", "priority"}),
)
