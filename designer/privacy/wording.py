"""What requests, states and kinds of rows are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_
from designer.tone import Tone

KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "export": (N_("Wants their data"), "folder_zip", N_("Their data as an archive")),
    "erase": (N_("Wants to be erased"), "person_off", N_("To be erased")),
}
STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "open": (N_("Open"), "accent"),
    "done": (N_("Done"), "good"),
    "declined": (N_("Declined"), "plain"),
}
ROWS: Final[Mapping[str, tuple[str, str]]] = {
    "events": (N_("Events"), N_("What people did. Rules about the past see no further back.")),
    "journal": (N_("Journals"), N_("What ended runs did, and why.")),
    "message_addresses": (
        N_("Addresses of messages"),
        N_("Address and subject are cleared; the figures stay."),
    ),
    "clicks": (N_("Followed links"), N_("Which links were followed, message by message.")),
    "field_history": (N_("Former values"), N_("What fields were before.")),
    "notices": (N_("Notices"), N_("What colleagues were told.")),
    "tickets_closed": (N_("Texts of closed tickets"), N_("The tickets and their times stay.")),
    "sessions": (N_("Ended sign-ins"), N_("Sign-ins that are over.")),
    "dead_letters": (N_("Refused events"), N_("What other systems sent and was not taken.")),
    "webhook_log": (N_("Log of outgoing calls"), N_("Deliveries that are over.")),
    "jobs": (N_("Finished jobs"), N_("Long work that is over, with its files.")),
    "privacy_requests": (N_("Closed requests"), N_("The certificates go with them.")),
}
