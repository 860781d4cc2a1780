"""The links that templates may use, beside facts."""

from __future__ import annotations

from crm_store.base import folded
from crm_store.recipients import CONFIRM_URL, SURVEY_URL, Recipient
from engine.services.links.tokens import Kind
from engine.services.unsubscribe import UnsubscribeLinks


def letter_links(
    links: UnsubscribeLinks,
    recipient: Recipient,
    contact_id: int,
    effect_id: int,
    *,
    medium: str,
    purpose: str,
    topic: str | None,
) -> dict[str, str]:
    """By variable. The letter is named by its effect, which is known before it has a row."""
    signed = links.signed
    found = {
        "unsubscribe_url": links.url(contact_id, medium, purpose, topic),
        "preferences_url": signed.url(Kind.PREFERENCES, contact_id),
        "view_url": signed.url(Kind.VIEW, effect_id),
    }
    if recipient.request is not None:
        request_id, until = recipient.request
        # it proves the address that this letter goes to, and no other
        address = folded(recipient.contact["email"] or "")
        mark = signed.mark(Kind.CONFIRM, request_id, address)
        found[CONFIRM_URL] = signed.url(Kind.CONFIRM, request_id, mark, until=until)
    if recipient.survey is not None:
        found[SURVEY_URL] = signed.url(Kind.SURVEY, recipient.survey)
    return found
