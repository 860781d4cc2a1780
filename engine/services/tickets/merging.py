"""Two tickets about one thing become one."""

from __future__ import annotations

from crm_store import tickets as rows
from crm_store.models import AuthorKind
from crm_store.tickets import NewComment
from engine.errors import Problem, Refused
from engine.machines.ticket import OURS, CustomerWrote, StatusSet, TooLate
from engine.services import audit
from engine.services.actor import Actor, allowed_some
from engine.services.roles.visibility import allowed_on
from engine.services.tickets.keeping import happen, keep
from engine.services.work import Work


async def merge(work: Work, actor: Actor, ticket_id: int, into_id: int) -> None:
    """What was said on a ticket goes to the other one, and it is closed without a survey; whoever
    writes on it writes on the other. Twice is once. Raises NotAllowed, NotFound, Refused."""
    allowed_some(actor, "edit", "ticket")
    if ticket_id == into_id:
        raise _refused("a ticket cannot be merged into itself.")
    # the lower id is locked first
    held = {one: await keep(work, one) for one in sorted((ticket_id, into_id))}
    lost, kept = held[ticket_id], held[into_id]
    for one in (lost, kept):
        allowed_on(actor, "edit", "ticket", one.row["owner_id"], one.id)
    if lost.row["merged_into_id"] == into_id:
        return
    if lost.row["merged_into_id"] is not None or kept.row["merged_into_id"] is not None:
        raise _refused("one of them was merged into another ticket before.")
    if lost.row["contact_id"] != kept.row["contact_id"]:
        raise _refused("they are of two customers; merge the contacts first.")
    await rows.move_comments(work.session, ticket_id, into_id)
    await rows.put_ticket(work.session, ticket_id, {"merged_into_id": into_id})
    lost.row = {**lost.row, "merged_into_id": into_id}
    is_owed = lost.state.status in OURS
    await happen(work, lost, StatusSet("closed"))
    if is_owed and kept.state.status not in OURS:
        # the customer's question is on the other one now, and nobody else would hear of it
        step = await happen(work, kept, CustomerWrote())
        if TooLate() in step.told:
            await happen(work, kept, StatusSet("open"))
    said = f"Ticket {ticket_id} was merged into this one."
    comment = NewComment(into_id, AuthorKind.SYSTEM, None, said, internal=True)
    await rows.add_comment(work.session, comment, work.now)
    await audit.record(
        work.session, actor, "merge", "ticket", ticket_id, None, {"merged_into_id": into_id}
    )


def _refused(words: str) -> Refused:
    problem = Problem("/into", "bad_value", words)
    return Refused("The tickets were not merged.", [problem])
