"""What a contact sees of themselves behind the link in a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.consents import consents_of, contact_known, suppressions_of
from crm_store.merged_contacts import now_known_as
from crm_store.preferences import PreferenceRow, preference_of
from crm_store.topics import TopicRow, topic_rows
from engine.services.consent import EMAIL, MARKETING, UNSUBSCRIBED


@dataclass(frozen=True, slots=True)
class Shown:
    """`media` says for each way to reach them whether marketing may come by it. `suppressed` is why
    nothing at all is sent by mail."""

    language: str | None
    topics: tuple[TopicRow, ...]
    preference: PreferenceRow
    media: Mapping[str, bool]
    suppressed: str | None


async def what_to_show(session: AsyncSession, contact_id: int) -> Shown | None:
    """None when the contact is no more."""
    contact_id = await now_known_as(session, contact_id)
    contact = await contact_known(session, contact_id)
    if contact is None:
        return None
    granted = {
        one.channel: one.granted
        for one in await consents_of(session, contact_id)
        if one.purpose == MARKETING
    }
    media = {EMAIL: granted.get(EMAIL, False)}
    suppressed = dict(await suppressions_of(session, contact_id))
    # who stopped everything here may take it back here
    if contact.has_phone and ("sms" in granted or suppressed.get("sms") == UNSUBSCRIBED):
        media["sms"] = granted.get("sms", False)
    topics = [one for one in await topic_rows(session) if one.medium is None or one.medium in media]
    return Shown(
        contact.language,
        tuple(topics),
        await preference_of(session, contact_id),
        media,
        suppressed.get(EMAIL),
    )
