"""People."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.base import folded
from crm_store.models import BirthdayCalendar, LeadStatus, LifecycleStage
from crm_store.names import contact_name_key
from engine.services.imports.kinds.base import (
    EMAIL_KEY,
    EXTERNAL_ID,
    Reads,
    RecordField,
    RecordKind,
    Surroundings,
)
from engine.services.imports.kinds.targets import ACCOUNT, USER


def _complete(
    values: dict[str, Any], _before: Mapping[str, Any] | None, _around: Surroundings
) -> dict[str, Any]:
    email = values.get("email")
    return {
        "email_key": folded(email) if email else None,
        "name_key": contact_name_key(values.get("first_name"), values.get("last_name"), email),
    }


CONTACTS = RecordKind(
    name="contacts",
    noun="contact",
    table="contact",
    permission="contact",
    fields={
        "external_id": RecordField(),
        "email": RecordField(Reads.EMAIL),
        "phone": RecordField(Reads.PHONE),
        "first_name": RecordField(),
        "last_name": RecordField(),
        "job_title": RecordField(),
        "language": RecordField(Reads.LANGUAGE),
        "country": RecordField(Reads.COUNTRY),
        "city": RecordField(),
        "time_zone": RecordField(Reads.TIME_ZONE),
        "birthday": RecordField(Reads.DATE),
        "birthday_calendar": RecordField(Reads.CHOICE, choices=tuple(BirthdayCalendar)),
        "lifecycle_stage": RecordField(Reads.CHOICE, choices=tuple(LifecycleStage)),
        "lead_status": RecordField(Reads.CHOICE, choices=tuple(LeadStatus)),
        "source": RecordField(),
        "score": RecordField(Reads.INTEGER),
        "account": RecordField(Reads.REFERENCE, "account_id", target=ACCOUNT),
        "owner": RecordField(Reads.REFERENCE, "owner_id", target=USER),
        "tags": RecordField(Reads.TAGS),
        "created_at": RecordField(Reads.INSTANT),
    },
    keys={"external_id": EXTERNAL_ID, "email": EMAIL_KEY},
    match_by=("external_id", "email"),
    needed=(),
    complete=_complete,
    defaults={
        "lifecycle_stage": LifecycleStage.LEAD,
        "birthday_calendar": BirthdayCalendar.GREGORIAN,
        "score": 0,
        "custom": {},
    },
    once=frozenset({"created_at"}),
    told_by="id",
)
