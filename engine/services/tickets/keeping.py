"""One ticket in a transaction: locked, moved by its machine, written, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_store import tickets as rows
from engine.errors import NotFound
from engine.machines.ticket import (
    Happening,
    Step,
    Terms,
    TicketState,
    adopted,
    after,
    due,
    is_over,
    with_clocks,
)
from engine.services.clocks import ClockKind, end_clocks, set_clocks
from engine.services.tickets.consequences import follow
from engine.services.tickets.policies import policies, policy_now
from engine.services.tickets.terms import terms_of
from engine.services.work import Work
from engine.tickets import TicketPolicy


@dataclass(slots=True)
class Kept:
    """A ticket that this transaction holds. `row` is as it was read."""

    row: Mapping[str, Any]
    state: TicketState
    policy_id: int
    policy: TicketPolicy
    terms: Terms

    @property
    def id(self) -> int:
        id_: int = self.row["id"]
        return id_


async def keep(work: Work, ticket_id: int) -> Kept:
    """Hold a ticket until the transaction ends. One that was kept by no policy yet is from now on.
    Raises NotFound."""
    row = (await rows.hold_tickets(work.session, [ticket_id])).get(ticket_id)
    if row is None:
        raise nothing_called(ticket_id)
    policy_id, policy = await _policy(work, row["policy_id"])
    terms = terms_of(policy, await work.calendars(), work.shared.default_zone)
    state = state_of(row)
    if row["policy_id"] is None:
        state = adopted(state, work.now, terms)
    return Kept(row, state, policy_id, policy, terms)


async def happen(work: Work, kept: Kept, happening: Happening, *, set_clock: bool = True) -> Step:
    """Let something happen to the ticket, write down what it is then, and do what follows.
    `set_clock` is False for whoever hands the next time to the host themselves."""
    step = after(kept.state, happening, work.now, kept.terms)
    if step.state != kept.state or kept.row["policy_id"] is None:
        await rows.put_ticket(work.session, kept.id, columns_of(step.state, kept.policy_id))
    kept.state = step.state
    await follow(work, kept.row, step, kept.policy, kept.terms)
    if set_clock:
        await put_clock(work, kept)
    return step


async def put_clock(work: Work, kept: Kept) -> None:
    if is_over(kept.state):
        await end_clocks(work, ClockKind.TICKET, [kept.id])
    else:
        await set_clocks(work, ClockKind.TICKET, {kept.id: due(kept.state, kept.terms)})


def nothing_called(ticket_id: int) -> NotFound:
    return NotFound(f"There is no ticket {ticket_id}.")


async def _policy(work: Work, policy_id: int | None) -> tuple[int, TicketPolicy]:
    if policy_id is None:
        return await policy_now(work.session, work.now)
    return policy_id, (await policies(work.session, [policy_id]))[policy_id]


def state_of(row: Mapping[str, Any]) -> TicketState:
    """The machine's state in a row of `ticket`."""
    bare = TicketState(
        row["status"],
        row["priority"],
        first_response_at=row["first_response_at"],
        solved_at=row["solved_at"],
        closed_at=row["closed_at"],
        reopened=row["reopened"],
    )
    return with_clocks(bare, row["clocks"])


def columns_of(state: TicketState, policy_id: int) -> dict[str, Any]:
    """What of a ticket's row is the machine's."""
    return {
        "status": state.status,
        "priority": state.priority,
        "first_response_at": state.first_response_at,
        "solved_at": state.solved_at,
        "closed_at": state.closed_at,
        "reopened": state.reopened,
        "clocks": state.clocks(),
        "policy_id": policy_id,
    }
