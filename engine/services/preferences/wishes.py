"""All that a contact wants and does not want, in one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import preferences as rows
from crm_store.consent_requests import RequestRow
from crm_store.consents import ConsentRow, consents_of, contact_known, suppressions_of
from crm_store.merged_contacts import now_known_as
from crm_store.preferences import PreferenceRow
from crm_store.topics import TopicRow, topic_rows
from engine.errors import NotFound
from engine.services.actor import Actor
from engine.services.roles.one_record import allowed_record
from engine.services.subscribing import open_requests


@dataclass(frozen=True, slots=True)
class Wishes:
    """`suppressed` is medium and reason of what keeps the contact from being written to at all;
    `requests` wait to be confirmed."""

    contact_id: int
    consents: tuple[ConsentRow, ...]
    preference: PreferenceRow
    topics: tuple[TopicRow, ...]
    suppressed: tuple[tuple[str, str], ...]
    requests: tuple[RequestRow, ...]

    def hears_of(self, topic: TopicRow) -> bool:
        return self.preference.topics.get(topic.slug, topic.default_on)


async def wishes_of(session: AsyncSession, actor: Actor, contact_id: int, now: datetime) -> Wishes:
    """Raises NotAllowed, NotFound."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    known = await now_known_as(session, contact_id)
    contact = await contact_known(session, known)
    if contact is None:
        raise NotFound(f"There is no contact {contact_id}.")
    return Wishes(
        known,
        tuple(await consents_of(session, known)),
        await rows.preference_of(session, known),
        tuple(await topic_rows(session)),
        tuple(await suppressions_of(session, known)),
        tuple(await open_requests(session, actor, known, now)),
    )
