"""What becomes of a move when its approval ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crm_store.deal_rows import DealRow, hold_deals
from engine.services.actor import SYSTEM, Actor
from engine.services.deals.answers import MoveRefused, WantedMove
from engine.services.deals.carrying_out import SUBJECT
from engine.services.deals.moving import move_deals
from engine.services.deals.pending import go_on
from engine.services.roles.acting import actor_of
from engine.services.telling import Telling, tell
from engine.steps.words import Words

if TYPE_CHECKING:
    from engine.services.work import Work


class EndedRequest(Protocol):
    """What of an ended request decides."""

    @property
    def request_id(self) -> int: ...
    @property
    def subject_id(self) -> int: ...
    @property
    def state(self) -> str: ...


async def move_decided(work: Work, ended: EndedRequest) -> None:
    """Approved: the move is judged again, as of now and in the name of who asked for it, and made
    if nothing stands against it. Otherwise the deal stays, and its clocks go on. A deal that was
    moved meanwhile waits for nothing any more."""
    row = (await hold_deals(work.session, [ended.subject_id])).get(ended.subject_id)
    if row is None or row.pending is None or row.request_id not in (None, ended.request_id):
        return
    await go_on(work, row)
    if ended.state != "approved":
        return
    pending = row.pending
    actor = await _asker(work, pending.get("by_id"))
    wish = WantedMove(row.id, pending["to"], pending["fields"], pending.get("lost_reason"))
    answer = (await move_deals(work, actor, [wish], via="approval", approved=True)).get(row.id)
    if isinstance(answer, MoveRefused):
        await _tell(work, row, ended.request_id, actor, answer)


async def _asker(work: Work, user_id: int | None) -> Actor:
    """Whoever has left meanwhile asks no more; the approval alone carries the move then."""
    person = (await work.directory()).people.get(user_id or 0)
    if person is None or not person.active:
        return SYSTEM
    return await actor_of(work.session, person)


async def _tell(
    work: Work, row: DealRow, request_id: int, actor: Actor, answer: MoveRefused
) -> None:
    if actor.id is None:
        return
    why = "\n".join(problem.message for problem in answer.problems)
    title = Words(
        f"{row.name} was approved and could not be moved", f"{row.name} 已获批准，但无法移动"
    )
    key = f"deal_move:{request_id}:refused"
    words = Telling(
        key, actor.id, SUBJECT, title, Words(why, why), SUBJECT, row.id, path=f"/deals/{row.id}"
    )
    await tell(work, [words])
