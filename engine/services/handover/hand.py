"""On whose behalf work changes hands, and what becomes of it at the return."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Handover
from engine.people import Directory
from engine.services.actor import SYSTEM, Actor
from engine.services.roles.acting import actor_of


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


async def hand_of(session: AsyncSession, handover: Handover, people: Directory) -> Hand:
    asked = handover.created_by
    who = None if asked is None else people.people.get(asked)
    actor = SYSTEM if who is None else await actor_of(session, who)
    return Hand(handover.from_user_id, actor)
