"""Every kind of effect and how it is done: a file for each, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.effects import CALL_WEBHOOK, ESCALATE, NOTIFY, REQUEST_APPROVAL, SEND_MESSAGE
from engine.services.effects.base import Begun, Deed, Means, Verdicts
from engine.services.effects.call_webhook import CallWebhooks
from engine.services.effects.escalate import Escalate
from engine.services.effects.notify import Notify
from engine.services.effects.request_approval import RequestApproval
from engine.services.effects.send_message import SendMessages

DEEDS: Mapping[str, Callable[[Means], Deed]] = {
    SEND_MESSAGE.name: SendMessages,
    CALL_WEBHOOK.name: CallWebhooks,
    NOTIFY.name: Notify,
    REQUEST_APPROVAL.name: RequestApproval,
    ESCALATE.name: Escalate,
}


def deeds(means: Means) -> dict[str, Deed]:
    """One of each, by the name of its effect."""
    return {name: make(means) for name, make in DEEDS.items()}


__all__ = ["DEEDS", "Begun", "Deed", "Means", "Verdicts", "deeds"]
