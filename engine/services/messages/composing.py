"""From a decided draft to the message as a channel takes it: sender, headers, letter."""

from __future__ import annotations

from engine.channels.base import OutgoingMessage
from engine.services.messages.asks import SenderSettings
from engine.services.messages.drafting import MARKETING, Draft


def compose(made: Draft, settings: SenderSettings) -> OutgoingMessage:
    """Of a draft with a letter; what is the same for every try of the ask."""
    assert made.letter is not None
    assert made.recipient is not None
    # RFC 3834: no answering machine shall answer
    headers = {"Auto-Submitted": "auto-generated"}
    if made.ask.purpose == MARKETING:
        # RFC 2369 and RFC 8058: one click in the mail program
        headers["List-Unsubscribe"] = f"<{made.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return OutgoingMessage(
        provider_key=made.key,
        sender=settings.sender,
        to=made.recipient.contact["email"],
        subject=made.letter.subject,
        text=made.letter.text,
        html=made.letter.html,
        headers=headers,
        categories=tuple(word for word in (made.ask.flow_name, made.ask.template) if word),
    )
