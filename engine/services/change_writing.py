"""What runs change in records, written for all of them at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import record_changes
from crm_store.base import folded
from crm_store.record_changes import NewTask, NewTicket
from crm_store.runs import StandingRow
from crm_store.scores import adjust_default_scores
from engine.services.changes.announcing import NewRecord
from engine.steps.moves import (
    AddActivity,
    AddTask,
    AddTicket,
    AddToScore,
    Change,
    SetFields,
    SetOwnFields,
    TellEvent,
)

# They touch no field of a record of the contact, so there is no change to tell of.
TOUCH_NO_FIELD = (AddTask, AddTicket, AddActivity, TellEvent)
# They neither change nor make a record of which flows can hear.
TELLS_NOTHING = (AddTask, AddActivity, TellEvent)


async def write_changes(
    session: AsyncSession, changes: Iterable[tuple[StandingRow, Change]], now: datetime
) -> list[NewRecord]:
    """One statement for all that is alike; the records that were made and may be told of. The
    contacts whose fields change are held by now; events are told elsewhere (see
    `changes.run_events`)."""
    tasks: list[NewTask] = []
    tickets: list[NewTicket] = []
    alike: dict[str, tuple[SetFields, set[int]]] = {}
    own: dict[int, dict[str, Any]] = defaultdict(dict)
    points: Counter[int] = Counter()
    for row, change in changes:
        match change:
            case AddTask():
                tasks.append(_task(row, change))
            case SetFields():
                alike.setdefault(repr(change), (change, set()))[1].add(row.subject_id)
            case SetOwnFields():
                own[row.subject_id] |= change.values
            case AddToScore():
                points[row.subject_id] += change.points
            case AddActivity():
                tasks.append(_activity(row, change))
            case AddTicket():
                tickets.append(_ticket(row, change))
            case TellEvent():
                pass
    for change, contacts in alike.values():
        if change.values:
            await record_changes.set_fields(session, contacts, change.values, now)
        if change.add_tags:
            await record_changes.add_tags(session, contacts, change.add_tags)
        if change.remove_tags:
            await record_changes.remove_tags(session, contacts, change.remove_tags)
    await record_changes.set_own_fields(session, own, now)
    if points:
        await record_changes.add_to_scores(session, points, now)
        await adjust_default_scores(session, points)
    await record_changes.add_tasks(session, tasks, now)
    made = await record_changes.add_tickets(session, tickets, now)
    return [NewRecord("ticket", id_, contact_id) for id_, contact_id in made]


def _task(row: StandingRow, task: AddTask) -> NewTask:
    owner = _owner(task.assign_to)
    return NewTask(row.subject_id, row.id, task.title, task.body, task.due_at, owner)


def _activity(row: StandingRow, made: AddActivity) -> NewTask:
    owner = _owner(made.assign_to)
    return NewTask(row.subject_id, row.id, made.subject, made.body, made.due_at, owner, made.kind)


def _ticket(row: StandingRow, made: AddTicket) -> NewTicket:
    return NewTicket(row.subject_id, made.subject, made.priority, _owner(made.assign_to))


def _owner(assign_to: str) -> str | None:
    """The folded address of a user; None for the contact's owner."""
    return None if assign_to == "owner" else folded(assign_to)
