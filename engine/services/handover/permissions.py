"""Who may hand over whose work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from engine.assignment.handing_over import Handed
from engine.services.actor import Actor, Kind, allowed, allowed_some

_KINDS: Final[Mapping[Handed, Kind]] = {
    Handed.CONTACT: "contact",
    Handed.DEAL: "deal",
    Handed.TICKET: "ticket",
    Handed.TASK: "activity",
    Handed.APPROVAL: "approval",
    Handed.CASE: "escalation",
}


def may_hand_over(actor: Actor, from_id: int, kinds: Collection[Handed]) -> None:
    """One's own work, or anybody's for those who lead people. Raises NotAllowed."""
    if not _is_own(actor, from_id):
        allowed(actor, "edit", "team")
    for kind in kinds:
        if _is_own(actor, from_id):
            allowed_some(actor, "edit", _KINDS[kind])
        else:
            allowed(actor, "edit", _KINDS[kind])


def may_look(actor: Actor, from_id: int) -> None:
    if not _is_own(actor, from_id):
        allowed(actor, "read", "team")


def _is_own(actor: Actor, from_id: int) -> bool:
    return actor.kind == "user" and actor.id == from_id
