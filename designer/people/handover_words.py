"""The words for handing work over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.tone import Tone
from engine.services.handover import Back, Handed, HandoverSeen, Way

HANDOVER_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "running": (N_("Being handed over"), "accent"),
    "done": (N_("Handed over"), "good"),
    "cancelled": (N_("Stopped"), "plain"),
    "returning": (N_("Being given back"), "accent"),
    "returned": (N_("Given back to its owner"), "plain"),
}
KINDS: Final[Mapping[str, str]] = {
    Handed.CONTACT: N_("Contacts"),
    Handed.DEAL: N_("Deals"),
    Handed.TICKET: N_("Tickets"),
    Handed.TASK: N_("Tasks"),
    Handed.APPROVAL: N_("Requests to decide"),
    Handed.CASE: N_("Cases"),
}
WAYS: Final[Mapping[str, str]] = {
    Way.EVENLY: N_("evenly, in turn"),
    Way.LOAD: N_("to whoever has least open work"),
    Way.TERRITORY: N_("by the contact's country"),
    Way.WITH_CONTACT: N_("to whoever takes the contact"),
}
BACKS: Final[Mapping[str, str]] = {
    Back.RETURNED: N_("come back"),
    Back.CLOSED: N_("are closed meanwhile"),
    Back.PASSED_ON: N_("belong to somebody else meanwhile"),
    Back.GONE: N_("are not there any more"),
}


def summary(one: HandoverSeen, t: Translator) -> str:
    """How much of each kind went over so far."""
    said = []
    for kind in one.shares:
        count = sum(one.given.get(kind, {}).values())
        said.append(f"{t(KINDS[kind])}: {count:,}")
    return ", ".join(said)
