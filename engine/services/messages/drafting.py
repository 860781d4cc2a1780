"""Deciding about one message: the letter to go, or why there is none."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from crm_store.messages import RETRIABLE, HandedOver
from crm_store.models import MessageState
from crm_store.recipients import Recipient
from engine.channels.address import is_address
from engine.local_time import is_zone
from engine.rendering import RenderFailed
from engine.services.messages.asks import EMAIL, SendAsk, SenderSettings, Verdict
from engine.services.messages.facts import facts_of
from engine.services.templates import RenderedMessage, TemplateLibrary, UnknownTemplate

log = logging.getLogger(__name__)

MARKETING = "marketing"

log = logging.getLogger(__name__)

SAID: Mapping[str, str] = {
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


def provider_key(ask: SendAsk, secret: bytes) -> str:
    """Our id of the message this ask leads to: the same at every try, and unguessable."""
    place = f"{ask.effect_id}:{ask.run_id}:{ask.node}:{ask.visit}"
    return hmac.digest(secret, place.encode(), "sha256").hex()[:32]


def draft(
    ask: SendAsk,
    recipient: Recipient | None,
    earlier: HandedOver | None,
    library: TemplateLibrary,
    settings: SenderSettings,
) -> Draft:
    key = earlier.provider_key if earlier else provider_key(ask, settings.key_secret)
    if earlier and earlier.state not in RETRIABLE:
        if earlier.state == MessageState.SENT:
            return Draft(ask, key, None, Verdict.ALREADY_SENT, "already_sent")
        return Draft(ask, key, None, Verdict.UNSETTLED, "not_settled")
    if recipient is None:
        return Draft(ask, key, None, Verdict.REFUSED, "unknown_contact")
    barrier = barrier_to(recipient, ask.purpose)
    if barrier is not None:
        return Draft(ask, key, recipient, *barrier)
    return _written_letter(ask, key, recipient, library, settings)


def barrier_to(recipient: Recipient, purpose: str) -> tuple[Verdict, str] | None:
    """Why a message of this purpose must not or cannot reach this contact."""
    address = recipient.contact["email"]
    if not address:
        return Verdict.REFUSED, "no_address"
    if not is_address(address):
        return Verdict.REFUSED, "bad_address"
    if recipient.suppressed is not None:
        return Verdict.WITHHELD, "suppressed"
    if purpose == "service" or recipient.granted is True:
        return None
    return Verdict.WITHHELD, "no_consent" if recipient.granted is None else "consent_withdrawn"


def _written_letter(
    ask: SendAsk,
    key: str,
    recipient: Recipient,
    library: TemplateLibrary,
    settings: SenderSettings,
) -> Draft:
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
        return Draft(ask, key, recipient, Verdict.HOLD, "unknown_template", str(error))
    except RenderFailed as error:
        said = f'Template "{ask.template}" cannot be written for this contact: {error.message}'
        return Draft(ask, key, recipient, Verdict.HOLD, f"template_{error.code}", said)
    except Exception:  # one poisoned letter must not stop everybody's mail
        log.exception("effect %s: template %s failed", ask.effect_id, ask.template)
        said = "A fault in Cadenza stopped this message. The log names the fault."
        return Draft(ask, key, recipient, Verdict.HOLD, "internal_fault", said)
    return Draft(ask, key, recipient, letter=letter, unsubscribe_url=url)
