"""Deciding about one message: the letter to go, or why there is none."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crm_store.digests import Item
from crm_store.messages import RETRIABLE, HandedOver
from crm_store.models import MessageState
from crm_store.recipients import CONFIRM_URL, SURVEY_URL, Recipient
from engine.channels.address import is_address
from engine.channels.base import Attachment
from engine.rendering import RenderFailed
from engine.sending import About, Answer, DigestRule, Ruling, barrier
from engine.sending.zones import zone_of
from engine.services.channels.limiting import Counted
from engine.services.channels.ways import DEFAULT, Identity, Way
from engine.services.links.letter_links import letter_links
from engine.services.messages.asks import EMAIL, SendAsk, SenderSettings, Verdict
from engine.services.messages.facts import facts_of
from engine.services.sending.collected import DIGEST, as_facts
from engine.services.templates import RenderedMessage, TemplateLibrary, UnknownTemplate
from engine.telemetry.faults import where

log = logging.getLogger(__name__)

MARKETING = "marketing"
# How soon a paused channel is looked at again.
PAUSED_AGAIN = timedelta(minutes=5)

log = logging.getLogger(__name__)

SAID: Mapping[str, str] = {
    "unknown_contact": "The contact is not there any more.",
    "no_address": "The contact has no e-mail address.",
    "bad_address": "The contact's e-mail address cannot be written to.",
    "no_phone": "The contact has no telephone number.",
    "suppressed": "Nothing is sent to this address.",
    "no_consent": "The contact never agreed to marketing mail.",
    "consent_withdrawn": "The contact does not want marketing mail.",
    "unknown_channel": "There is no such channel.",
    "channel_paused": "The channel is paused.",
    "topic_off": "The contact has switched this topic off.",
    "waited_too_long": "The message had to wait for too long.",
    "no_time_in_reach": "There is no time at which the message may go soon enough.",
    "in_digest": "The message goes with others in one.",
    "nothing_collected": "There is nothing to put together for the contact.",
    "later": "The message waits for its time.",
    "nothing_to_confirm": "The contact has no open request for messages.",
    "nothing_to_rate": "The contact has no closed ticket to be asked about.",
    "already_sent": "This message was accepted before.",
    "not_settled": "An earlier hand-over of this message has no answer yet.",
}

# Without these links a letter that shows them would be in vain.
_NEEDED: Mapping[str, str] = {CONFIRM_URL: "nothing_to_confirm", SURVEY_URL: "nothing_to_rate"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision before it is written down: a letter to go, or why not."""

    ask: SendAsk
    key: str
    recipient: Recipient | None
    verdict: Verdict | None = None
    code: str | None = None
    message: str | None = None
    letter: RenderedMessage | None = None
    unsubscribe_url: str | None = None
    until: datetime | None = None
    digest: DigestRule | None = None
    topic: str | None = None
    enclosed: tuple[Attachment, ...] = ()
    identity: Identity | None = None
    counted: tuple[Counted, ...] = ()


def provider_key(ask: SendAsk, secret: bytes) -> str:
    """Our id of the message this ask leads to: the same at every try, and unguessable."""
    place = f"{ask.effect_id}:{ask.run_id}:{ask.node}:{ask.visit}"
    return hmac.digest(secret, place.encode(), "sha256").hex()[:32]


def key_of(ask: SendAsk, earlier: HandedOver | None, settings: SenderSettings) -> str:
    return earlier.provider_key if earlier else provider_key(ask, settings.key_secret)


def forbidden(
    ask: SendAsk,
    recipient: Recipient | None,
    earlier: HandedOver | None,
    library: TemplateLibrary,
    settings: SenderSettings,
) -> Draft | None:
    """What stands in the way whatever the time is; None for what the arbiter is asked about."""
    key = key_of(ask, earlier, settings)
    if earlier and earlier.state not in RETRIABLE:
        if earlier.state in (MessageState.SENT, MessageState.COLLECTED):
            return Draft(ask, key, None, Verdict.ALREADY_SENT, "already_sent")
        return Draft(ask, key, None, Verdict.UNSETTLED, "not_settled")
    if ask.way.trouble is not None:
        return Draft(ask, key, None, Verdict.HOLD, "unknown_channel", ask.way.trouble)
    if recipient is None:
        return Draft(ask, key, None, Verdict.REFUSED, "unknown_contact")
    if not ask.way.to_people:  # a room of colleagues: the contact is only what it is about
        return None
    barrier = barrier_to(
        recipient, ask.purpose, topic_of(library, ask.template), ask.medium, ask.way
    )
    return None if barrier is None else Draft(ask, key, recipient, *barrier)


def paused(
    ask: SendAsk,
    recipient: Recipient | None,
    earlier: HandedOver | None,
    settings: SenderSettings,
    now: datetime,
) -> Draft:
    """It waits until the channel is resumed."""
    waits = Draft(ask, key_of(ask, earlier, settings), recipient, Verdict.LATER, "channel_paused")
    return replace(waits, until=now + PAUSED_AGAIN)


def draft(
    ask: SendAsk,
    recipient: Recipient,
    earlier: HandedOver | None,
    library: TemplateLibrary,
    settings: SenderSettings,
    ruling: Ruling,
    collected: Sequence[Item] = (),
) -> Draft:
    """What is not forbidden, as the arbiter ruled. `collected` is what a digest is made of."""
    key = key_of(ask, earlier, settings)
    if ruling.answer is Answer.DROP:
        return Draft(ask, key, recipient, Verdict.WITHHELD, ruling.code)
    if ruling.answer is Answer.DEFER:
        waits = Draft(ask, key, recipient, Verdict.LATER, ruling.code, SAID["later"])
        return replace(waits, until=ruling.until)
    letters = as_facts(collected, recipient.topics_off, settings.links.signed)
    if ask.template == DIGEST and not letters:
        return Draft(ask, key, recipient, Verdict.WITHHELD, "nothing_collected")
    made = _written_letter(ask, key, recipient, library, settings, letters)
    if ruling.answer is Answer.DIGEST and made.letter is not None:
        return replace(made, verdict=Verdict.COLLECTED, code=ruling.code, digest=ruling.digest)
    return made


def topic_of(library: TemplateLibrary, template: str) -> str | None:
    """What the template is about; None too where there is no such template."""
    try:
        return library.meta(template).topic
    except UnknownTemplate:
        return None


def under_its_purpose(library: TemplateLibrary, ask: SendAsk) -> SendAsk:
    """Marketing when either the flow or a template of the database says so: that may be published
    after the flow was looked at, and what it says then needs a yes all the same."""
    if ask.way.to_people and library.published_purpose(ask.template) == MARKETING:
        return replace(ask, purpose=MARKETING)
    return ask


def barrier_to(
    recipient: Recipient,
    purpose: str,
    topic: str | None = None,
    medium: str = EMAIL,
    way: Way | None = None,
) -> tuple[Verdict, str] | None:
    """Why a message of this purpose must not or cannot reach this contact."""
    missing = _unreachable(recipient.contact, way or Way(None, DEFAULT, medium))
    if missing is not None:
        return Verdict.REFUSED, missing
    about = About(purpose, topic, medium)
    topic_off = topic in recipient.topics_off
    code = barrier(about, recipient.granted, recipient.suppressed, topic_off=topic_off)
    return None if code is None else (Verdict.WITHHELD, code)


def _unreachable(contact: Mapping[str, Any], way: Way) -> str | None:
    address = way.address(contact)
    if not address:
        return "no_phone" if way.medium == "sms" else "no_address"
    return "bad_address" if way.medium == EMAIL and not is_address(address) else None


def _written_letter(
    ask: SendAsk,
    key: str,
    recipient: Recipient,
    library: TemplateLibrary,
    settings: SenderSettings,
    letters: Sequence[Mapping[str, Any]],
) -> Draft:
    contact = recipient.contact
    links = letter_links(
        settings.links,
        recipient,
        ask.contact_id,
        ask.effect_id,
        medium=ask.medium,
        purpose=MARKETING,
        topic=topic_of(library, ask.template),
    )
    for link, code in _NEEDED.items():
        if link not in links and link in library.reads({ask.template}):
            return Draft(ask, key, recipient, Verdict.WITHHELD, code)
    try:
        letter = library.render(
            ask.template,
            {**facts_of(recipient, settings), "letters": letters},
            language=contact["language"] or settings.default_language,
            zone=zone_of(contact["time_zone"], contact["country"], settings.default_zone),
            links=links,
        )
    except UnknownTemplate as error:
        return Draft(ask, key, recipient, Verdict.HOLD, "unknown_template", str(error))
    except RenderFailed as error:
        said = f'Template "{ask.template}" cannot be written for this contact: {error.message}'
        return Draft(ask, key, recipient, Verdict.HOLD, f"template_{error.code}", said)
    except Exception as error:  # noqa: BLE001 - one poisoned letter must not stop everybody's mail
        # without the words of the error, which may be those of the letter
        log.error("effect %s: template %s failed: %s", ask.effect_id, ask.template, where(error))
        said = "A fault in Cadenza stopped this message. The log names the fault."
        return Draft(ask, key, recipient, Verdict.HOLD, "internal_fault", said)
    if ask.medium == EMAIL and not letter.html:
        said = f'Template "{ask.template}" has words for short messages and no letter.'
        return Draft(ask, key, recipient, Verdict.HOLD, "template_no_letter", said)
    return Draft(ask, key, recipient, letter=letter, unsubscribe_url=links["unsubscribe_url"])
