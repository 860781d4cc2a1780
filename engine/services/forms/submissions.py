"""What was sent with a form: events, and so only of contacts whom one may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.happenings import EventFilter
from engine.services.actor import Actor
from engine.services.forms.keeping import read_form
from engine.services.forms.sending import SOURCE_PREFIX
from engine.services.happenings import list_events


@dataclass(frozen=True, slots=True)
class Submission:
    """`id` is the event's; `answers` are by the names that the form's fields had then."""

    id: int
    sent_at: datetime
    event: str
    contact_id: int
    answers: Mapping[str, Any]


async def list_submissions(
    session: AsyncSession,
    actor: Actor,
    name: str,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[Submission]:
    """The newest first. Raises NotAllowed for who may not read forms, events or contacts, and
    NotFound."""
    await read_form(session, actor, name)
    wanted = EventFilter(source=f"{SOURCE_PREFIX}{name}")
    found = await list_events(session, actor, wanted, before=before, limit=limit)
    return [
        Submission(
            one.id,
            one.received_at,
            one.name,
            one.contact_id,
            _answers(one.properties, name),
        )
        for one in found
    ]


def _answers(properties: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Without the form's own name, unless a field of it is called so."""
    return {key: value for key, value in properties.items() if (key, value) != ("form", name)}
