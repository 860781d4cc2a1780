"""The fields of a contact that others may write, and how each is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from crm_store.models import BirthdayCalendar, LeadStatus, LifecycleStage
from engine.services import field_values

Reader = Callable[[object], Any]

CONTACT_FIELDS: Final[Mapping[str, Reader]] = {
    "external_id": field_values.short_text,
    "email": field_values.email,
    "phone": field_values.phone,
    "first_name": field_values.short_text,
    "last_name": field_values.short_text,
    "job_title": field_values.short_text,
    "language": field_values.language,
    "country": field_values.country,
    "city": field_values.short_text,
    "time_zone": field_values.time_zone,
    "birthday": field_values.day,
    "birthday_calendar": partial(field_values.choice, allowed=tuple(BirthdayCalendar)),
    "lifecycle_stage": partial(field_values.choice, allowed=tuple(LifecycleStage)),
    "lead_status": partial(field_values.choice, allowed=tuple(LeadStatus)),
    "source": field_values.short_text,
    "score": field_values.integer,
}
