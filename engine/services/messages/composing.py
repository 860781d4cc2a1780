"""From a decided draft to the message as a channel takes it: sender, headers, letter."""

from __future__ import annotations

from engine.channels.base import OutgoingMessage
from engine.services.messages.asks import SenderSettings
from engine.services.messages.drafting import MARKETING, Draft

# An own gateway is told everything; telephones and rooms are told words.
WHOLE_LETTERS = ("email", "webhook")


def compose(made: Draft, settings: SenderSettings) -> OutgoingMessage:
    """Of a draft with a letter; what is the same for every try of the ask."""
    assert made.letter is not None
    assert made.recipient is not None
    way = made.ask.way
    if way.medium not in WHOLE_LETTERS:
        return _words(made, settings)
    # RFC 3834: no answering machine shall answer
    headers = {"Auto-Submitted": "auto-generated"}
    if made.ask.purpose == MARKETING:
        # RFC 2369 and RFC 8058: one click in the mail program
        headers["List-Unsubscribe"] = f"<{made.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return OutgoingMessage(
        provider_key=made.key,
        sender=made.identity.sender if made.identity else settings.sender,
        to=way.address(made.recipient.contact) or "",
        subject=made.letter.subject,
        text=made.letter.text,
        html=made.letter.html,
        headers=headers,
        categories=tuple(word for word in (made.ask.flow_name, made.ask.template) if word),
        attachments=made.enclosed,
        envelope_from=settings.bounces.of(made.key) if settings.bounces else None,
        medium=way.medium,
        channel=way.name,
    )


def _words(made: Draft, settings: SenderSettings) -> OutgoingMessage:
    """For a telephone or a chat: the short text where the template has one, else the plain one."""
    assert made.letter is not None
    assert made.recipient is not None
    way = made.ask.way
    return OutgoingMessage(
        provider_key=made.key,
        sender=made.identity.sender if made.identity else settings.sender,
        to=way.address(made.recipient.contact) or "",
        subject=made.letter.subject,
        text=made.letter.short_text or made.letter.text,
        medium=way.medium,
        channel=way.name,
    )
