"""What codes of requests mean, for people."""

from __future__ import annotations

from typing import Final

from designer.i18n import N_
from designer.tone import Tone

ROOM: Final = "/inbox"

STATES: Final[dict[str, tuple[str, Tone]]] = {
    "open": (N_("Open"), "accent"),
    "held": (N_("Nobody can decide"), "bad"),
    "returned": (N_("Given back"), "warn"),
    "approved": (N_("Approved"), "good"),
    "rejected": (N_("Rejected"), "bad"),
    "recalled": (N_("Recalled"), "plain"),
    "timed_out": (N_("Not decided in time"), "warn"),
    "cancelled": (N_("Not needed any more"), "plain"),
}
VERBS: Final[dict[str, str]] = {
    "approve": N_("approved it"),
    "reject": N_("rejected it"),
    "return": N_("gave it back"),
    "send_back": N_("sent it back to an earlier level"),
    "ask_back": N_("asked back"),
    "answer": N_("answered"),
    "delegate": N_("handed it on"),
    "recall": N_("recalled it"),
    "resubmit": N_("submitted it again"),
    "comment": N_("said"),
}
SUBJECTS: Final[dict[str, str]] = {
    "deal": N_("Deal"),
    "ticket": N_("Ticket"),
    "contact": N_("Contact"),
}


def address_of(request_id: int) -> str:
    return f"{ROOM}?approval={request_id}"
