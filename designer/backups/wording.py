"""What the parts of a backup are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.formats import Formats
from designer.i18n import N_

# What a restored database would do at once: its name, and what letting go of it means.
WAITING: Final[Mapping[str, tuple[str, str]]] = {
    "messages": (N_("Messages"), N_("Their people stand still, among the held runs.")),
    "other_effects": (N_("Calls and notices of flows"), N_("Their people stand still, too.")),
    "runs": (N_("People in flows whose time has come"), N_("They stand still, too.")),
    "events": (N_("Events nobody has looked at"), N_("They stay, and let nobody in.")),
    "enrolments": (N_("Audiences being let in"), N_("They end where they are.")),
    "dates": (N_("Flows that look for dates"), N_("What came meanwhile lets nobody in.")),
    "notices": (N_("Mail to colleagues"), N_("It is not sent; the inbox has it.")),
    "webhooks": (N_("Calls of other systems"), N_("They count as failed; replay them by hand.")),
    "clocks": (
        N_("Deals, tickets, approvals with a time"),
        N_("They are looked at in any case; colleagues may be told again."),
    ),
}
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")


def size(number: int, formats: Formats) -> str:
    value, unit = float(number), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{formats.number(round(value, 1 if unit else 0))} {_UNITS[unit]}"
