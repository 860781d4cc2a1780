"""A letter once more, for its reader's browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.links import links_to
from crm_store.looked_at import SentLetter, message_of_effect
from crm_store.recipients import CONFIRM_URL, SURVEY_URL, Recipient, recipients
from engine.rendering import RenderFailed
from engine.sending.zones import zone_of
from engine.services.files.public import with_public_pictures
from engine.services.links.letter_links import letter_links
from engine.services.links.rewriting import find_links, in_html
from engine.services.links.tokens import FOLDERS, Kind
from engine.services.messages.asks import EMAIL, SenderSettings
from engine.services.messages.drafting import MARKETING
from engine.services.messages.facts import facts_of
from engine.services.sending.collected import letters_again
from engine.services.templates import TemplateLibrary, UnknownTemplate
from engine.services.templates.ready import ReadyTemplate, write_message


async def letter_again(
    session: AsyncSession,
    effect_id: int,
    *,
    library: TemplateLibrary,
    settings: SenderSettings,
) -> str | None:
    """The HTML, written from the version that was sent with what is known of the contact now.

    None when there is nothing to show: no such letter, its contact erased, its template gone.
    Nothing is written: links that are measured are those that were when it was sent.
    """
    letter = await message_of_effect(session, effect_id)
    if letter is None:
        return None
    await library.refresh(session)
    try:
        template = await library.as_sent(session, letter.template, letter.template_version)
        recipient = await _reader(session, letter, template)
        if recipient is None:
            return None
        letters = await letters_again(
            session, letter.template, effect_id, recipient.topics_off, settings.links.signed
        )
        html = _written(letter, template, recipient, settings, letters)
    except (UnknownTemplate, RenderFailed):
        return None
    html = await _measured(session, letter, recipient, html, settings)
    return await with_public_pictures(session, html, settings.links.signed.base_url)


async def _reader(
    session: AsyncSession, letter: SentLetter, template: ReadyTemplate
) -> Recipient | None:
    people = await recipients(session, [letter.contact_id], EMAIL, MARKETING, template.reads)
    return people.get(letter.contact_id)


def _written(
    letter: SentLetter,
    template: ReadyTemplate,
    recipient: Recipient,
    settings: SenderSettings,
    letters: Sequence[Mapping[str, Any]],
) -> str:
    contact = recipient.contact
    links = letter_links(
        settings.links,
        recipient,
        letter.contact_id,
        letter.effect_id,
        medium=EMAIL,
        purpose=MARKETING,
        topic=template.meta.topic,
    )
    if CONFIRM_URL in links:
        # it proves who has the mail of an address, and this page is shown to whoever has its link
        links[CONFIRM_URL] = f"{settings.links.signed.base_url}{FOLDERS[Kind.CONFIRM]}"
    # answered meanwhile, and the letter can be read all the same
    links.setdefault(SURVEY_URL, f"{settings.links.signed.base_url}{FOLDERS[Kind.SURVEY]}")
    return write_message(
        template,
        {**facts_of(recipient, settings), "letters": letters},
        language=letter.language or contact["language"] or settings.default_language,
        zone=zone_of(contact["time_zone"], contact["country"], settings.default_zone),
        links=links,
    ).html


async def _measured(
    session: AsyncSession,
    letter: SentLetter,
    recipient: Recipient,
    html: str,
    settings: SenderSettings,
) -> str:
    if not settings.tracking.of(letter.purpose, recipient.unmeasured).clicks:
        return html
    signed = settings.links.signed
    found = find_links(html, "", f"{signed.base_url}/")
    known = await links_to(session, found.urls())
    addresses = {
        url: signed.url(Kind.CLICK, letter.id, link.id)
        for url, link in known.items()
        if link.contact_id in (None, letter.contact_id)
    }
    return in_html(html, found.html, addresses)
