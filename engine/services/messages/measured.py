"""Decided letters with links and a picture that tell when they are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from engine.services.links.rewriting import FoundLinks, find_links, in_html, in_text, with_pixel
from engine.services.links.targets import Targets
from engine.services.links.tokens import Kind, SignedLinks
from engine.services.links.tracking import Tracking
from engine.services.messages.asks import EMAIL, SenderSettings
from engine.services.messages.drafting import Draft
from engine.services.templates import RenderedMessage

TARGETS = Targets()


@dataclass(frozen=True, slots=True)
class _Measured:
    """A letter that is measured: its message, what of it, and its links."""

    draft: Draft
    letter: RenderedMessage
    message_id: int
    what: Tracking
    links: FoundLinks


async def measure(
    session: AsyncSession,
    drafts: Sequence[Draft],
    written: Mapping[str, int],
    settings: SenderSettings,
    now: datetime,
) -> list[Draft]:
    """The drafts, those that go with their letters rewritten; `written` are message ids by key.

    One statement for addresses that this process has not met, and none else.
    """
    signed = settings.links.signed
    own = f"{signed.base_url}/"
    going = {
        number: one
        for number, draft in enumerate(drafts)
        if (one := _measured(draft, written, settings.tracking, own)) is not None
    }
    ids = await TARGETS.ids_of(
        session, [(one.draft.ask.contact_id, one.links.urls()) for one in going.values()], now
    )
    finished = list(drafts)
    for number, one in going.items():
        finished[number] = replace(one.draft, letter=_rewritten(one, ids, signed))
    return finished


def _measured(
    draft: Draft, written: Mapping[str, int], tracking: Tracking, own: str
) -> _Measured | None:
    message_id = written.get(draft.key)
    if draft.letter is None or draft.recipient is None or message_id is None:
        return None
    if draft.ask.medium != EMAIL:
        return None
    what = tracking.of(draft.ask.purpose, draft.recipient.unmeasured)
    if not (what.opens or what.clicks):
        return None
    letter = draft.letter
    links = find_links(letter.html, letter.text, own) if what.clicks else FoundLinks()
    return _Measured(draft, letter, message_id, what, links)


def _rewritten(one: _Measured, ids: Mapping[str, int], signed: SignedLinks) -> RenderedMessage:
    letter, message_id = one.letter, one.message_id
    addresses = {
        url: signed.url(Kind.CLICK, message_id, ids[url]) for url in one.links.urls() if url in ids
    }
    html = in_html(letter.html, one.links.html, addresses)
    if one.what.opens and html:
        html = with_pixel(html, signed.url(Kind.OPEN, message_id))
    return replace(letter, html=html, text=in_text(letter.text, one.links.text, addresses))
