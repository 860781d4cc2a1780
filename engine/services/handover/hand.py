"""On whose behalf work changes hands, and what becomes of it at the return."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm_store.models import Handover
from engine.people import Directory
from engine.services.actor import SYSTEM, Actor


class Back(StrEnum):
    """What became of a record at the return: it came back, or it stays where it is because it was
    closed, given to somebody else, or is not there any more."""

    RETURNED = "returned"
    CLOSED = "closed"
    PASSED_ON = "passed_on"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose work it is, and who asked for the handover."""

    from_id: int
    actor: Actor


def hand_of(handover: Handover, people: Directory) -> Hand:
    asked = handover.created_by
    who = None if asked is None else people.people.get(asked)
    actor = SYSTEM if who is None else Actor("user", who.id, who.name, who.role)
    return Hand(handover.from_user_id, actor)
