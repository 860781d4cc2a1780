"""Changing many records alike, piece by piece: each piece is a transaction that stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import record_changes
from crm_store import record_edits as rows
from engine.errors import LimitReached, NotAllowed, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, Kind, Verb, allowed, allowed_some, hidden_fields, may
from engine.services.records.editing import OWNER, checked_tags, read_values
from engine.services.roles.one_record import those_allowed
from engine.services.segments.lists import Called, Where, add_to_list
from engine.services.views.grids import (
    GridCount,
    GridRecord,
    GridState,
    Moment,
    grid_count,
    grid_ids,
)
from engine.services.work import Work

# A piece holds its records for a fraction of a second.
PIECE: Final = 500
MOST_PICKED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that were picked, or, without `ids`, all that the list holds."""

    state: GridState
    ids: tuple[int, ...] | None = None

    @property
    def record(self) -> GridRecord:
        return self.state.record


@dataclass(frozen=True, slots=True)
class GiveTo:
    """None: to nobody."""

    owner_id: int | None


@dataclass(frozen=True, slots=True)
class AddTags:
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveTags:
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetField:
    """None takes the value away."""

    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class PutOnList:
    """`name` is that of a static list."""

    name: str


BulkOrder: TypeAlias = GiveTo | AddTags | RemoveTags | SetField | PutOnList
_FOR: Final[dict[type, tuple[GridRecord, ...]]] = {
    GiveTo: ("contact", "account", "ticket"),
    AddTags: ("contact",),
    RemoveTags: ("contact",),
    SetField: ("contact", "account"),
    PutOnList: ("contact",),
}


@dataclass(frozen=True, slots=True)
class BulkPage:
    """`changed` are another now; the others were so already, or are not theirs to change.
    `last` is where to go on; None when that was all."""

    looked_at: int
    changed: int
    last: int | None


def may_order(actor: Actor, record: GridRecord, order: type) -> bool:
    """Whether a kind of order would be allowed; for showing or hiding a control."""
    verb, kind = _needed(record, order)
    return record in _FOR[order] and may(actor, verb, kind)


async def count_selection(
    session: AsyncSession, actor: Actor, selection: Selection, moment: Moment
) -> GridCount:
    if selection.ids is not None:
        ids = selection.ids
        seen = await those_allowed(session, actor, "read", selection.record, ids)
        return GridCount(len(seen), exact=True)
    return await grid_count(session, actor, selection.state, moment)


async def check_order(work: Work, actor: Actor, selection: Selection, order: BulkOrder) -> None:
    """Refuse what cannot be done before any of it is done. Raises NotAllowed, Refused."""
    _allowed(actor, selection, order)
    match order:
        case GiveTo(owner_id=owner):
            await _owner(work, owner)
        case AddTags(tags=tags) | RemoveTags(tags=tags):
            checked_tags(list(tags))
        case SetField():
            await _value(work, selection.record, order)
        case PutOnList():
            pass


async def carry_out_page(
    work: Work,
    actor: Actor,
    selection: Selection,
    order: BulkOrder,
    moment: Moment,
    *,
    after: int = 0,
) -> BulkPage:
    """The next piece, with one line in the audit that names whom it changed. Records come by
    number, so whoever leaves the list by what is done to them is not passed over. Raises
    NotAllowed, Refused, NotFound."""
    _allowed(actor, selection, order)
    ids = await _piece(work, actor, selection, moment, after)
    if not ids:
        return BulkPage(0, 0, None)
    verb: Verb = "read" if isinstance(order, PutOnList) else "edit"
    own = await those_allowed(work.session, actor, verb, selection.record, ids)
    changed = await _change(work, actor, selection.record, own, order, moment) if own else []
    if changed and not isinstance(order, PutOnList):
        said = {"order": type(order).__name__, **_said(order), "records": sorted(changed)}
        await audit.record(work.session, actor, "edit_many", selection.record, "many", None, said)
    return BulkPage(len(ids), len(changed), ids[-1] if len(ids) == PIECE else None)


async def _piece(
    work: Work, actor: Actor, selection: Selection, moment: Moment, after: int
) -> list[int]:
    if selection.ids is None:
        return await grid_ids(
            work.session, actor, selection.state, moment, after=after, limit=PIECE
        )
    if len(selection.ids) > MOST_PICKED:
        raise LimitReached(f"At most {MOST_PICKED:,} records are picked one by one.")
    return [one for one in sorted(selection.ids) if one > after][:PIECE]


async def _change(
    work: Work,
    actor: Actor,
    record: GridRecord,
    ids: Sequence[int],
    order: BulkOrder,
    moment: Moment,
) -> list[int]:
    match order:
        case GiveTo(owner_id=owner):
            return await _write(work, record, ids, OWNER, await _owner(work, owner))
        case SetField():
            return await _write(work, record, ids, order.field, await _value(work, record, order))
        case AddTags(tags=tags):
            return await _add_tags(work, ids, checked_tags(list(tags)))
        case RemoveTags(tags=tags):
            return await _remove_tags(work, ids, checked_tags(list(tags)))
        case PutOnList(name=name):
            where = Where(moment.zone, work.shared.partitions)
            called = Called(contact_ids=ids)
            listed = await add_to_list(work.session, actor, name, called, where, work.now)
            work.after.partitions |= listed.partitions
            return list(ids)[: listed.moved]


async def _write(
    work: Work, record: GridRecord, ids: Sequence[int], field: str, value: Any
) -> list[int]:
    held = await rows.hold_records(work.session, record, ids)
    key = field.removeprefix("custom.")
    changed = [
        id_
        for id_, row in held.items()
        if (row["custom"].get(key) if field.startswith("custom.") else row[field]) != value
    ]
    if changed:
        await rows.write_fields(work.session, record, changed, {field: value}, work.now)
    return changed


async def _add_tags(work: Work, ids: Sequence[int], tags: list[str]) -> list[int]:
    held = await rows.hold_records(work.session, "contact", ids)
    complete = await rows.with_tags(work.session, ids, tags, all_of_them=True)
    changed = [one for one in held if one not in complete]
    if changed:
        await record_changes.make_tags(work.session, tags)
        await record_changes.add_tags(work.session, changed, tags)
    return changed


async def _remove_tags(work: Work, ids: Sequence[int], tags: list[str]) -> list[int]:
    await rows.hold_records(work.session, "contact", ids)
    changed = sorted(await rows.with_tags(work.session, ids, tags, all_of_them=False))
    if changed:
        await record_changes.remove_tags(work.session, changed, tags)
    return changed


async def _owner(work: Work, owner_id: int | None) -> int | None:
    if owner_id is not None and not (await work.directory()).is_active(owner_id):
        problem = Problem("/owner_id", "unknown_owner", "Nobody of this number works here.")
        raise Refused("Nothing was changed.", [problem])
    return owner_id


async def _value(work: Work, record: GridRecord, order: SetField) -> Any:
    if record == "ticket":
        raise Refused("Fields of tickets are not changed together.")
    given = {order.field: order.value}
    return (await read_values(work, record, given, alike=True))[order.field]


def _needed(record: GridRecord, order: type) -> tuple[Verb, Kind]:
    return ("edit", "segment") if order is PutOnList else ("edit", record)


def _allowed(actor: Actor, selection: Selection, order: BulkOrder) -> None:
    record = selection.record
    allowed_some(actor, "read", record)
    if isinstance(order, PutOnList):
        allowed(actor, "edit", "segment")
    else:
        allowed_some(actor, "edit", record)
    if isinstance(order, SetField) and order.field in hidden_fields(actor, record):
        raise NotAllowed(f"{actor.name} is not shown {order.field} as {actor.role}.")
    if record not in _FOR[type(order)]:
        raise Refused(f"This cannot be done to {record}s.")


def _said(order: BulkOrder) -> dict[str, Any]:
    match order:
        case GiveTo(owner_id=owner):
            return {"owner_id": owner}
        case AddTags(tags=tags) | RemoveTags(tags=tags):
            return {"tags": list(tags)}
        case SetField(field=field, value=value):
            return {"field": field, "value": value}
        case PutOnList(name=name):
            return {"list": name}
