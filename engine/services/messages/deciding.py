"""Deciding about a group of asks: what is forbidden, what may go now, and what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.digests import NewItem
from crm_store.messages import HandedOver
from crm_store.recipients import Recipient, recipients
from crm_store.sending import ROOM
from engine.sending import SEND, About, Cap, Circumstances, Home
from engine.sending.digests import due_after
from engine.sending.zones import zone_of
from engine.services.messages.asks import EMAIL, SendAsk, SenderSettings
from engine.services.messages.drafting import MARKETING, Draft, draft, forbidden, paused, topic_of
from engine.services.sending.arbiter import Arbiter, Case
from engine.services.sending.collected import DIGEST, letters_of
from engine.services.templates import TemplateLibrary

# What people chose on the page of their preferences.
_WISHED: Final[Mapping[str, tuple[Cap, ...]]] = {
    "daily": (Cap(1, "day", wished=True),),
    "weekly": (Cap(1, "week", wished=True),),
}
# By contact and medium.
People = Mapping[tuple[int, str], Recipient]


async def decide_all(
    session: AsyncSession,
    asks: Sequence[SendAsk],
    known: Mapping[int, HandedOver],
    library: TemplateLibrary,
    settings: SenderSettings,
    arbiter: Arbiter,
    now: datetime,
    *,
    medium_of: Callable[[str | None], str],
) -> list[Draft]:
    """A draft for each ask, in their order. `known` are earlier messages by effect, `medium_of`
    says how a channel travels. What goes to a room and not to the contact is not ruled on."""
    abouts = [about_of(library, ask) for ask in asks]
    house = await arbiter.house(session)
    wanted: dict[int, set[About]] = defaultdict(set)
    for ask, about in zip(asks, abouts, strict=True):
        wanted[ask.contact_id] |= {about} if ask.way.to_people else set()
    await arbiter.hold(session, house, wanted, now)
    people = await _people(session, asks, library)
    drafts: dict[int, Draft] = {}
    cases: list[Case] = []
    for number, (ask, about) in enumerate(zip(asks, abouts, strict=True)):
        place = (ask.contact_id, ask.medium)
        no = forbidden(ask, people.get(place), known.get(ask.effect_id), library, settings)
        if no is None and ask.way.paused:
            no = paused(ask, people.get(place), known.get(ask.effect_id), settings, now)
        if no is not None:
            drafts[number] = no
            continue
        if not ask.way.to_people:  # a room has no night and no caps
            continue
        found = circumstances(people[place], settings.default_zone)
        cases.append(Case(ask.effect_id, ask.contact_id, ask.flow_id, about, found))

    def waiting(template: str, purpose: str, channel: str | None) -> About:
        return About(purpose, topic_of(library, template), medium_of(channel))

    digests = {ask.run_id for ask in asks if ask.template == DIGEST}
    collected = await letters_of(session, digests)
    rulings = await arbiter.rule(session, house, cases, waiting, now) if cases else {}
    for number, (ask, about) in enumerate(zip(asks, abouts, strict=True)):
        if number not in drafts:
            made = draft(
                ask,
                people[ask.contact_id, ask.medium],
                known.get(ask.effect_id),
                library,
                settings,
                rulings.get(ask.effect_id, SEND),
                collected.get(ask.run_id, ()),
            )
            drafts[number] = replace(made, topic=about.topic)
    return [drafts[number] for number in range(len(asks))]


def about_of(library: TemplateLibrary, ask: SendAsk) -> About:
    return About(ask.purpose, topic_of(library, ask.template), ask.medium)


def stored_medium(ask: SendAsk) -> str | None:
    """What a message keeps of how it travelled; None for mail."""
    if not ask.way.to_people:
        return ROOM
    return None if ask.medium == EMAIL else ask.medium


def circumstances(recipient: Recipient, default_zone: str) -> Circumstances:
    """What a ruling reads of a contact whose wishes allow the message."""
    contact = recipient.contact
    zone = zone_of(contact["time_zone"], contact["country"], default_zone)
    return Circumstances(Home(zone, contact["country"]), caps=_WISHED.get(recipient.frequency, ()))


def items_of(drafts: Sequence[Draft], default_zone: str, now: datetime) -> list[NewItem]:
    """What is put together, each for the time at which it goes."""
    found = []
    for one in drafts:
        if one.digest is None or one.letter is None or one.recipient is None:
            continue
        home = circumstances(one.recipient, default_zone).home
        found.append(
            NewItem(
                contact_id=one.ask.contact_id,
                effect_id=one.ask.effect_id,
                template=one.ask.template,
                topic=one.topic,
                subject=one.letter.subject,
                preheader=one.letter.preheader,
                due_at=due_after(one.digest, now, home.zone),
            )
        )
    return found


async def _people(
    session: AsyncSession, asks: Sequence[SendAsk], library: TemplateLibrary
) -> People:
    """One statement for each medium; usually there is one."""
    contacts: dict[str, set[int]] = defaultdict(set)
    for ask in asks:
        contacts[ask.medium].add(ask.contact_id)
    reads = library.reads({ask.template for ask in asks})
    reads = reads.union(*(ask.way.reads() for ask in asks))
    found: dict[tuple[int, str], Recipient] = {}
    for medium, ids in contacts.items():
        people = await recipients(session, sorted(ids), medium, MARKETING, reads)
        found |= {(id_, medium): one for id_, one in people.items()}
    return found
