"""Double opt-in: whoever asks for messages confirms it from the address they gave.

Until then nothing is granted: the request is written down and event "Subscription Requested" is
recorded. The ready flow `confirm_subscription` starts from that event and sends the letter with the
link. Programs that follow links confirm nothing: it takes the button of the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import consent_requests as rows
from crm_store.consent_requests import RequestRow
from crm_store.consents import consents_of
from crm_store.merged_contacts import now_known_as
from crm_store.preferences import preference_of
from engine.errors import NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor
from engine.services.consent import EMAIL, EVENT_SOURCE, MARKETING, ConsentChange, grant, locked
from engine.services.events import partitions_of, record_event
from engine.services.links.tokens import Kind, SignedLinks
from engine.services.preferences.choosing import Choice, choose
from engine.services.roles.one_record import allowed_record

REQUESTED: Final = "Subscription Requested"
CONFIRMED_BY: Final = "double_opt_in"
# How long a link confirms, and how soon somebody who asks again is written to again.
CONFIRM_WITHIN: Final = timedelta(days=7)
NOT_AGAIN_WITHIN: Final = timedelta(days=1)
# Anybody may write somebody else's address into a form. Whoever did not answer so many letters
# within a month is written no more of them on a stranger's word.
MOST_UNANSWERED: Final = 3
UNANSWERED_WITHIN: Final = timedelta(days=30)
# The one medium whose address can answer by a link in a letter.
MEDIA: Final = (EMAIL,)
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Standing(StrEnum):
    """`agreed`: they had said yes already. `asked`: the letter is on its way. `waiting`: it was
    sent a short while ago. `confirmed`: it has just been, or was before."""

    AGREED = "agreed"
    ASKED = "asked"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Asked:
    """Poke the dispatch drivers of `event_partitions` after the commit."""

    standing: Standing
    request_id: int | None = None
    event_partitions: frozenset[int] = frozenset()


async def ask_for_consent(
    session: AsyncSession,
    actor: Actor,
    contact_id: int,
    *,
    medium: str = EMAIL,
    purpose: str = MARKETING,
    topics: Sequence[str] = (),
    source: str,
    text_version: str | None = None,
    now: datetime,
    partitions: int,
) -> Asked:
    """Write the request down and have it confirmed. Asked again within a day, nothing is sent.

    With a "subject" as the actor nobody has shown yet that the address is theirs: topics that the
    contact has switched off are only switched on again from the letter.

    `text_version` names the words they agreed to, for the evidence. Raises NotAllowed, NotFound,
    Refused.
    """
    await allowed_record(session, actor, "edit", "contact", contact_id)
    _check(medium, purpose, topics, source, text_version)
    contact_id = (await locked(session, contact_id)).id
    unproven, touched = actor.kind == "subject", frozenset[int]()
    if await _agreed(session, contact_id, medium, purpose):
        # what they asked for beside the yes they have is no secret: it is only switched on
        refused = await _switched_off(session, contact_id, topics) if unproven else ()
        on = dict.fromkeys((topic for topic in topics if topic not in refused), True)
        change = await choose(
            session, actor, contact_id, Choice(on), source=source, now=now, partitions=partitions
        )
        if not refused:
            return Asked(Standing.AGREED, None, change.event_partitions)
        topics, touched = refused, change.event_partitions
    latest = await _latest_open(session, contact_id, medium, purpose, now)
    if latest is not None:
        # one yes is for all that was asked for and waits for it
        topics = tuple(dict.fromkeys((*latest.topics, *topics)))
        if now - latest.asked_at < NOT_AGAIN_WITHIN:
            await _ask_for_more(session, actor, latest, topics, source)
            return Asked(Standing.WAITING, latest.id, touched)
    if unproven and await _was_asked_enough(session, contact_id, medium, purpose, now):
        return Asked(Standing.WAITING, None if latest is None else latest.id, touched)
    request_id = await rows.add_request(
        session,
        contact_id,
        channel=medium,
        purpose=purpose,
        topics=topics,
        source=source,
        text_version=text_version,
        asked_at=now,
        expires_at=now + CONFIRM_WITHIN,
    )
    said = {"channel": medium, "purpose": purpose, "topics": list(topics), "source": source}
    await audit.record(session, actor, "ask_consent", "contact", contact_id, None, said)
    await record_event(
        session,
        source=EVENT_SOURCE,
        message_id=f"subscription_requested:{request_id}",
        name=REQUESTED,
        contact_id=contact_id,
        properties={"request_id": request_id, **said},
        occurred_at=now,
        partitions=partitions,
    )
    return Asked(Standing.ASKED, request_id, touched | partitions_of([contact_id], partitions))


async def request_standing(
    session: AsyncSession, request_id: int, now: datetime
) -> tuple[RequestRow, Standing]:
    """For the page behind the link. Raises NotFound when the contact is no more."""
    request = await rows.request_by_id(session, request_id)
    if request is None:
        raise NotFound("There is no such request any more.")
    if request.confirmed_at is not None:
        return request, Standing.CONFIRMED
    return request, Standing.EXPIRED if now >= request.expires_at else Standing.WAITING


async def confirm(
    session: AsyncSession,
    request_id: int,
    *,
    mark: str,
    links: SignedLinks,
    now: datetime,
    partitions: int,
    address: str | None = None,
) -> Asked:
    """The yes, from whoever has the link: consent is granted and the topics are switched on. Twice
    is once, also when the contact has unsubscribed since.

    `mark` is of the e-mail address that the link was sent to. A link is expired when the contact
    has another by now, or said no after they had asked. `address`, of the network, is kept as
    evidence when given. Raises NotFound.
    """
    request, standing = await request_standing(session, request_id, now)
    if standing is not Standing.WAITING:
        return Asked(standing, request_id)
    # the contact first, as everywhere: two clicks at once are one after the other
    contact = await locked(session, request.contact_id)
    theirs = links.is_mark(Kind.CONFIRM, mark, request_id, contact.email_key or "")
    if not theirs or await _refused_since(session, contact.id, request):
        return Asked(Standing.EXPIRED, request_id)
    if not await rows.confirm_request(session, request_id, now):
        return Asked((await request_standing(session, request_id, now))[1], request_id)
    await rows.close_requests(session, contact.id, (request.channel, request.purpose))
    actor = Actor("subject", contact.id, f"Contact {contact.id}")
    evidence = {
        "request_id": request_id,
        "asked_at": request.asked_at.isoformat(),
        "asked_by": request.source,
        "confirmed_at": now.isoformat(),
        "address_mark": mark,
        **({"text_version": request.text_version} if request.text_version else {}),
        **({"address": address} if address else {}),
    }
    granted = await grant(
        session,
        actor,
        contact.id,
        channel=request.channel,
        purpose=request.purpose,
        source=CONFIRMED_BY,
        now=now,
        partitions=partitions,
        evidence=evidence,
    )
    chosen = ConsentChange(False)
    if request.topics:
        switched = Choice(topics=dict.fromkeys(request.topics, True))
        chosen = await choose(
            session,
            actor,
            contact.id,
            switched,
            source=CONFIRMED_BY,
            now=now,
            partitions=partitions,
        )
    touched = granted.event_partitions | chosen.event_partitions
    return Asked(Standing.CONFIRMED, request_id, touched)


async def open_requests(
    session: AsyncSession, actor: Actor, contact_id: int, now: datetime
) -> list[RequestRow]:
    """What waits to be confirmed, the newest first. Raises NotAllowed."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    known = await rows.requests_of(session, await now_known_as(session, contact_id))
    return [one for one in known if one.confirmed_at is None and one.expires_at > now]


async def _agreed(session: AsyncSession, contact_id: int, medium: str, purpose: str) -> bool:
    return any(
        one.granted
        for one in await consents_of(session, contact_id)
        if (one.channel, one.purpose) == (medium, purpose)
    )


async def _switched_off(
    session: AsyncSession, contact_id: int, topics: Sequence[str]
) -> tuple[str, ...]:
    chosen = (await preference_of(session, contact_id)).topics
    return tuple(topic for topic in topics if chosen.get(topic) is False)


async def _was_asked_enough(
    session: AsyncSession, contact_id: int, medium: str, purpose: str, now: datetime
) -> bool:
    unanswered = [
        one
        for one in await rows.requests_of(session, contact_id)
        if (one.channel, one.purpose) == (medium, purpose)
        and one.confirmed_at is None
        and now - one.asked_at < UNANSWERED_WITHIN
    ]
    return len(unanswered) >= MOST_UNANSWERED


async def _latest_open(
    session: AsyncSession, contact_id: int, medium: str, purpose: str, now: datetime
) -> RequestRow | None:
    for one in await rows.requests_of(session, contact_id):
        waits = one.confirmed_at is None and one.expires_at > now
        if (one.channel, one.purpose) == (medium, purpose) and waits:
            return one
    return None


async def _ask_for_more(
    session: AsyncSession, actor: Actor, request: RequestRow, topics: Sequence[str], source: str
) -> None:
    if tuple(topics) == request.topics:
        return
    await rows.add_topics(session, request.id, topics)
    before, after = {"topics": list(request.topics)}, {"topics": list(topics), "source": source}
    await audit.record(session, actor, "ask_consent", "contact", request.contact_id, before, after)


async def _refused_since(session: AsyncSession, contact_id: int, request: RequestRow) -> bool:
    """Whether they said no after they had asked: by hand, at the provider, by a complaint."""
    return any(
        not one.granted and one.recorded_at > request.asked_at
        for one in await consents_of(session, contact_id)
        if (one.channel, one.purpose) == (request.channel, request.purpose)
    )


def _check(
    medium: str, purpose: str, topics: Sequence[str], source: str, text_version: str | None
) -> None:
    problems: list[Problem] = []
    if medium not in MEDIA:
        sentence = f"must be one of {', '.join(MEDIA)}."
        problems.append(Problem("/medium", "unknown_value", sentence))
    words = [("/purpose", purpose), *((f"/topics/{n}", topic) for n, topic in enumerate(topics))]
    for place, word in words:
        if not _WORD.fullmatch(word):
            sentence = "use lower-case letters, digits and _, with a letter first."
            problems.append(Problem(place, "bad_name", sentence))
    if not 0 < len(source.strip()) <= 100:
        problems.append(Problem("/source", "bad_text", "say in 1 to 100 characters where from."))
    if text_version is not None and len(text_version) > 100:
        problems.append(Problem("/text_version", "too_long", "use at most 100 characters."))
    if problems:
        raise Refused("The request cannot be recorded.", problems)
