"""Beginning a handover, stopping it, and asking for the work back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from crm_store import handovers as rows
from crm_store.models import Handover, HandoverState
from engine.assignment.handing_over import Handed, read_shares
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.local_time import start_of_day
from engine.people import Directory
from engine.services import audit
from engine.services.actor import Actor
from engine.services.handover.permissions import may_hand_over
from engine.services.work import Work

LONGEST_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """`shares` says who takes what (`engine.assignment.handing_over.read_shares`); on the morning
    of `return_on`, where the person lives, what the takers still have is given back."""

    from_id: int
    shares: Mapping[str, Any]
    return_on: date | None = None
    note: str | None = None


async def start(work: Work, actor: Actor, plan: Plan) -> int:
    """Begin to hand over; the driver `assignments` carries it out, so poke it after the commit.

    Raises NotFound, Refused with every mistake in the plan, Conflict while another handover of this
    person is being carried out.
    """
    people = await work.directory()
    if plan.from_id not in people.people:
        raise NotFound(f"There is no user {plan.from_id}.")
    shares = read_shares(plan.shares, plan.from_id, people)
    may_hand_over(actor, plan.from_id, shares)
    return_at = _return_at(plan, people, work)
    await _refuse_second(work, plan.from_id)
    handover = await rows.add_handover(
        work.session,
        {
            "from_user_id": plan.from_id,
            "shares": {kind.value: share.as_json() for kind, share in shares.items()},
            "note": plan.note,
            "state": HandoverState.RUNNING,
            "kind": next(iter(shares)),
            "return_at": return_at,
            "created_by": actor.id if actor.kind == "user" else None,
            "created_at": work.now,
            "updated_at": work.now,
        },
    )
    await _note(work, actor, "start_handover", handover, plan.note)
    return handover.id


async def cancel(work: Work, actor: Actor, handover_id: int) -> None:
    """Give, or give back, nothing more. What changed hands stays; `give_back` takes it back."""
    handover = await _held(work, actor, handover_id)
    if handover.state == HandoverState.CANCELLED:
        return
    if handover.state not in (HandoverState.RUNNING, HandoverState.RETURNING):
        raise Conflict(f"Handover {handover_id} is {handover.state}; there is nothing to stop.")
    handover.state, handover.ended_at = HandoverState.CANCELLED, work.now
    await _note(work, actor, "cancel_handover", handover)


async def give_back(work: Work, actor: Actor, handover_id: int) -> None:
    """Give back now what the takers still have; poke `assignments` after the commit. Twice is
    harmless. Raises Conflict for one whose person has left, or who is handing over again."""
    handover = await _held(work, actor, handover_id)
    if handover.state in (HandoverState.RETURNING, HandoverState.RETURNED):
        return
    if handover.state == HandoverState.RUNNING:
        raise Conflict(f"Handover {handover_id} is not finished. Wait for it, or cancel it first.")
    people = await work.directory()
    if not people.is_active(handover.from_user_id):
        raise Conflict("The person does not work here any more, so nothing can be given back.")
    await _refuse_second(work, handover.from_user_id)
    begin_return(handover, work.now)
    await _note(work, actor, "return_handover", handover)


def begin_return(handover: Handover, now: datetime) -> None:
    """The row is held."""
    handover.state, handover.ended_at = HandoverState.RETURNING, None
    handover.kind, handover.cursor = first_kind(handover), 0
    handover.updated_at = now


def first_kind(handover: Handover) -> str:
    return next(kind.value for kind in Handed if kind.value in handover.shares)


def kind_after(handover: Handover) -> str | None:
    """The kind that comes after the one it is at."""
    every = list(Handed)
    rest = every[every.index(Handed(handover.kind)) + 1 :]
    return next((kind.value for kind in rest if kind.value in handover.shares), None)


async def _held(work: Work, actor: Actor, handover_id: int) -> Handover:
    handover = await rows.handover_of(work.session, handover_id, hold=True)
    if handover is None:
        raise NotFound(f"There is no handover {handover_id}.")
    may_hand_over(actor, handover.from_user_id, [Handed(kind) for kind in handover.shares])
    return handover


async def _refuse_second(work: Work, from_id: int) -> None:
    other = await rows.under_way_of(work.session, from_id)
    if other is not None:
        raise Conflict(
            f"Handover {other} of this person is being carried out. Let it finish, or cancel it."
        )


def _return_at(plan: Plan, people: Directory, work: Work) -> datetime | None:
    if plan.note is not None and ("\0" in plan.note or len(plan.note) > LONGEST_NOTE):
        words = f"a note is a text of at most {LONGEST_NOTE} characters."
        raise Refused("Nothing was handed over.", [Problem("/note", "bad_text", words)])
    if plan.return_on is None:
        return None
    zone = people.zone_of(plan.from_id, work.shared.default_zone)
    at = start_of_day(plan.return_on, zone)
    if at <= work.now:
        words = f"{plan.return_on} has begun already; give a day to come."
        raise Refused("Nothing was handed over.", [Problem("/return_on", "in_the_past", words)])
    return at


async def _note(
    work: Work, actor: Actor, verb: str, handover: Handover, why: str | None = None
) -> None:
    after = {"handover_id": handover.id, "state": handover.state, "shares": handover.shares}
    await audit.record(
        work.session, actor, verb, "user", handover.from_user_id, after=after, why=why
    )
