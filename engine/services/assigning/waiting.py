"""What nobody could take: telling somebody, and trying again when people are back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import assigning as rows
from crm_store.assigning import WaitingRow
from crm_store.fact_borders import share_fact_borders
from engine.assignment import HEAD, Assignment
from engine.definitions import DefinitionKind
from engine.errors import NotFound, Refused
from engine.people import Directory
from engine.services.actor import Actor, allowed
from engine.services.assigning.giving import Giver
from engine.services.assigning.routes import RecordName, rules_named
from engine.services.definitions import current
from engine.services.telling import Telling, tell
from engine.services.work import Work
from engine.steps.words import Words

# Records that are tried again, or told of, in one transaction.
PAGE: Final = 500
# Rules that cannot be followed are mended by people, who take their time.
_RULES_REST: Final = timedelta(hours=1)
_KINDS: Final = {
    "contact": (("contact waits", "contacts wait"), "位联系人"),
    "deal": (("deal waits", "deals wait"), "个商机"),
    "ticket": (("ticket waits", "tickets wait"), "个工单"),
}


@dataclass(frozen=True, slots=True)
class Retried:
    """`again`: more are due now; `next_look` is when the next will be."""

    looked_at: int = 0
    again: bool = False
    next_look: datetime | None = None


async def retry_waiting(work: Work, limit: int = PAGE) -> Retried:
    """Give out what is due to be looked at again, oldest first, of the rules that are most overdue.

    A record that got an owner by another hand meanwhile, or is gone, leaves the queue.
    """
    due = await rows.due_waiting(work.session, work.now, limit)
    for kind in sorted({one.kind for one in due}):
        await _retry(work, kind, [one for one in due if one.kind == kind])  # type: ignore[arg-type]  # a queue holds the three kinds
    await tell_of_waiting(work)
    again = await rows.next_look(work.session)
    return Retried(len(due), again is not None and again <= work.now, again)


async def _retry(work: Work, kind: RecordName, due: Sequence[WaitingRow]) -> None:
    people = await work.directory()
    ids = {one.record_id for one in due}
    if kind == "deal":
        # whoever waits for it must hold nothing
        await share_fact_borders(work.session)
    held = await rows.hold_records(work.session, kind, ids)
    given = {
        one.record_id
        for one in due
        if one.record_id not in held or _has_another(one, held[one.record_id].owner_id, people)
    }
    await rows.leave_queue(work.session, kind, given)
    waiting = ids - given
    if not waiting:
        return
    try:
        rules = await rules_named(work.session, due[0].rules)
        giver = Giver(people, await work.catalogue(), work.shared.default_zone, work.now)
        await giver.give_out(work.session, rules, kind, waiting)
    except (NotFound, Refused):
        await rows.look_later(work.session, kind, waiting, work.now + _RULES_REST)


def _has_another(row: WaitingRow, owner_id: int | None, people: Directory) -> bool:
    return owner_id is not None and owner_id != row.was_owner_id and people.is_active(owner_id)


async def tell_of_waiting(work: Work) -> None:
    """Tell whoever the rules name of records that began to wait: one notice for all that wait for
    the same people."""
    found = await rows.untold(work.session, PAGE)
    if not found:
        return
    people = await work.directory()
    alike: dict[tuple[str, str, str | None], list[WaitingRow]] = defaultdict(list)
    for row in found:
        alike[row.kind, row.rules, row.team].append(row)
    tellings: list[Telling] = []
    for (kind, rules, team), of_them in alike.items():
        stored = await current(work.session, DefinitionKind.ASSIGNMENT, rules)
        concerned = whom_to_tell(stored.model if stored else None, team, people)
        tellings += (_telling(one, kind, rules, team, of_them) for one in concerned)
    await tell(work, tellings)
    await rows.were_told(work.session, [row.id for row in found], work.now)


def whom_to_tell(rules: Assignment | None, team: str | None, people: Directory) -> tuple[int, ...]:
    """Active people the rules name; where those are nobody, all sales managers, else all
    administrators, for somebody must hear of it."""
    named = rules.otherwise.tell if rules is not None and rules.otherwise is not None else (HEAD,)
    found: dict[int, None] = {}
    for one in named:
        found |= dict.fromkeys(_named(one, team, people))
    active = tuple(one for one in found if people.is_active(one))
    return active or people.with_role("sales_manager") or people.with_role("admin")


def _named(one: str, team: str | None, people: Directory) -> Iterable[int]:
    kind, _, name = one.partition(":")
    if one == HEAD:
        return () if team is None else _heads(team, people)
    if kind == "role":
        return people.with_role(name.strip())
    if kind == "team":
        return _heads(name.strip(), people) or people.members(name.strip())
    found = people.by_email(one)
    return () if found is None else (found,)


def _heads(team: str, people: Directory) -> tuple[int, ...]:
    head = people.head_of(team)
    return () if head is None else (head,)


def _telling(
    user_id: int, kind: str, rules: str, team: str | None, waiting: Sequence[WaitingRow]
) -> Telling:
    count, first = len(waiting), waiting[0]
    (one, many), zh = _KINDS[kind]
    who, who_zh = (f" of {team}", f"{team} 中") if team else ("", "")
    alone = kind == "contact" and count == 1
    return Telling(
        key=f"assignment:{first.id}:{first.queued_at.timestamp():.0f}",
        user_id=user_id,
        kind="assignment",
        title=Words(f"{count} {one if count == 1 else many} for an owner", f"{count} {zh}等待分配"),
        body=Words(
            f'By the rules "{rules}" nobody{who} can take it just now. It is tried again when '
            "somebody is back; give it to somebody if it cannot wait.",
            f"按规则“{rules}”，{who_zh}目前无人可接手。有人返回后会再次尝试；如不能等待，请手动分配。",
        ),
        subject_kind=kind,
        subject_id=first.record_id,
        path=f"/contacts/{first.record_id}" if alone else "",
    )


async def look_at_queue(
    session: AsyncSession, actor: Actor, *, after: int = 0, limit: int = 50, kind: str | None = None
) -> list[WaitingRow]:
    """What waits for somebody, in the order in which it came."""
    allowed(actor, "read", "assignment")
    return await rows.queue_page(session, after=after, limit=limit, kind=kind)
