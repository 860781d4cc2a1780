"""Deciding for a group of asks which messages go, and writing them down before they do."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import messages as rows
from crm_store.messages import HandedOver, NewMessage, Recipient
from crm_store.models import MessageState
from engine.channels.address import is_address
from engine.channels.base import OutgoingMessage
from engine.local_time import is_zone
from engine.rendering import RenderFailed
from engine.services.messages.asks import (
    EMAIL,
    NotSent,
    Prepared,
    SendAsk,
    SenderSettings,
    Verdict,
)
from engine.services.messages.facts import facts_of
from engine.services.templates import RenderedMessage, TemplateLibrary, UnknownTemplate

MARKETING = "marketing"

_SAID: Mapping[str, str] = {
    "unknown_contact": "The contact is not there any more.",
    "no_address": "The contact has no e-mail address.",
    "bad_address": "The contact's e-mail address cannot be written to.",
    "suppressed": "Nothing is sent to this address.",
    "no_consent": "The contact never agreed to marketing mail.",
    "consent_withdrawn": "The contact does not want marketing mail.",
    "already_sent": "This message was accepted before.",
    "not_settled": "An earlier hand-over of this message has no answer yet.",
}


@dataclass(frozen=True, slots=True)
class _Draft:
    """A decision before it is written down: a letter to go, or why not."""

    ask: SendAsk
    key: str
    recipient: Recipient | None
    verdict: Verdict | None = None
    code: str | None = None
    message: str | None = None
    letter: RenderedMessage | None = None
    unsubscribe_url: str | None = None


async def prepare(
    session: AsyncSession,
    asks: Sequence[SendAsk],
    *,
    library: TemplateLibrary,
    sender_settings: SenderSettings,
    channel_name: str,
    now: datetime,
) -> list[Prepared | NotSent]:
    """One answer for each ask, in their order. Messages may go once this transaction has committed.

    Consent fails closed: marketing needs a recorded yes. And it is exact: the contacts are held
    still (a shared row lock) before consent is read by a later statement, so under READ COMMITTED a
    withdrawal either committed before the lock, and is seen, or has to wait for this transaction's
    commit, and was not acknowledged before it. The unsubscribe page moreover waits for hand-overs
    that are under way before it acknowledges.

    An ask that led to a message before is recognised by its effect: accepted ones are not sent
    again, unanswered ones are `unsettled`, certainly unaccepted ones go again under the same key.
    """
    if not asks:
        return []
    earlier = await rows.earlier_messages(session, [ask.effect_id for ask in asks])
    known = {message.effect_id: message for message in earlier}
    contact_ids = sorted({ask.contact_id for ask in asks})
    await rows.hold_contacts_still(session, contact_ids)
    reads = library.reads({ask.template for ask in asks})
    people = await rows.recipients(session, contact_ids, EMAIL, MARKETING, reads)
    drafts = [
        _draft(ask, people.get(ask.contact_id), known.get(ask.effect_id), library, sender_settings)
        for ask in asks
    ]
    written = await rows.insert_messages(
        session, [new for draft in drafts if (new := _row(draft, channel_name))], now
    )
    return [_outcome(draft, written, known, sender_settings) for draft in drafts]


def provider_key(ask: SendAsk, secret: bytes) -> str:
    """Our id of the message this ask leads to: the same at every try, and unguessable."""
    place = f"{ask.effect_id}:{ask.run_id}:{ask.node}:{ask.visit}"
    return hmac.digest(secret, place.encode(), "sha256").hex()[:32]


def _draft(
    ask: SendAsk,
    recipient: Recipient | None,
    earlier: HandedOver | None,
    library: TemplateLibrary,
    settings: SenderSettings,
) -> _Draft:
    key = earlier.provider_key if earlier else provider_key(ask, settings.key_secret)
    if earlier and earlier.state not in rows.RETRIABLE:
        if earlier.state == MessageState.SENT:
            return _Draft(ask, key, None, Verdict.ALREADY_SENT, "already_sent")
        return _Draft(ask, key, None, Verdict.UNSETTLED, "not_settled")
    if recipient is None:
        return _Draft(ask, key, None, Verdict.REFUSED, "unknown_contact")
    barrier = _barrier(ask, recipient)
    if barrier is not None:
        return _Draft(ask, key, recipient, *barrier)
    return _written_letter(ask, key, recipient, library, settings)


def _barrier(ask: SendAsk, recipient: Recipient) -> tuple[Verdict, str] | None:
    """Why this contact must not or cannot be written to."""
    address = recipient.contact["email"]
    if not address:
        return Verdict.REFUSED, "no_address"
    if not is_address(address):
        return Verdict.REFUSED, "bad_address"
    if recipient.suppressed is not None:
        return Verdict.WITHHELD, "suppressed"
    if ask.purpose == "service" or recipient.granted is True:
        return None
    return Verdict.WITHHELD, "no_consent" if recipient.granted is None else "consent_withdrawn"


def _written_letter(
    ask: SendAsk,
    key: str,
    recipient: Recipient,
    library: TemplateLibrary,
    settings: SenderSettings,
) -> _Draft:
    contact = recipient.contact
    zone = contact["time_zone"]
    url = settings.links.url(ask.contact_id, EMAIL, MARKETING)
    try:
        letter = library.render(
            ask.template,
            facts_of(recipient, settings),
            language=contact["language"] or settings.default_language,
            zone=zone if zone and is_zone(zone) else settings.default_zone,
            links={"unsubscribe_url": url},
        )
    except UnknownTemplate as error:
        return _Draft(ask, key, recipient, Verdict.HOLD, "unknown_template", str(error))
    except RenderFailed as error:
        said = f'Template "{ask.template}" cannot be written for this contact: {error.message}'
        return _Draft(ask, key, recipient, Verdict.HOLD, f"template_{error.code}", said)
    return _Draft(ask, key, recipient, letter=letter, unsubscribe_url=url)


def _row(draft: _Draft, channel_name: str) -> NewMessage | None:
    """The row to write; none where there is nothing to show later or a row is there already."""
    if draft.recipient is None or draft.verdict is Verdict.HOLD:
        return None
    ask, letter = draft.ask, draft.letter
    return NewMessage(
        effect_id=ask.effect_id,
        run_id=ask.run_id,
        flow_id=ask.flow_id,
        node=ask.node,
        contact_id=ask.contact_id,
        channel=channel_name,
        purpose=ask.purpose,
        template=ask.template,
        language=letter.language if letter else None,
        address=draft.recipient.contact["email"],
        subject=letter.subject if letter else None,
        provider_key=draft.key,
        state=MessageState.HANDING_OVER.value if letter else str(draft.verdict),
        reason=draft.code,
    )


def _outcome(
    draft: _Draft,
    written: Mapping[str, int],
    known: Mapping[int, HandedOver],
    settings: SenderSettings,
) -> Prepared | NotSent:
    ask = draft.ask
    earlier = known.get(ask.effect_id)
    message_id = written.get(draft.key) or (earlier.id if earlier else None)
    if draft.verdict is not None:
        code = draft.code or draft.verdict.value
        said = draft.message or _SAID[code]
        return NotSent(ask, draft.verdict, code, said, message_id)
    if draft.key not in written:
        # another worker wrote the same message down since we looked
        return NotSent(ask, Verdict.UNSETTLED, "not_settled", _SAID["not_settled"])
    return Prepared(ask, written[draft.key], _outgoing(draft, settings))


def _outgoing(draft: _Draft, settings: SenderSettings) -> OutgoingMessage:
    assert draft.letter is not None
    assert draft.recipient is not None
    # RFC 3834: no answering machine shall answer
    headers = {"Auto-Submitted": "auto-generated"}
    if draft.ask.purpose == MARKETING:
        # RFC 2369 and RFC 8058: one click in the mail program
        headers["List-Unsubscribe"] = f"<{draft.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return OutgoingMessage(
        provider_key=draft.key,
        sender=settings.sender,
        to=draft.recipient.contact["email"],
        subject=draft.letter.subject,
        text=draft.letter.text,
        html=draft.letter.html,
        headers=headers,
    )
