"""Views of lists that people keep: their own, and those they share with everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import saved_views as rows
from crm_store.base import folded
from crm_store.saved_views import SavedViewRow
from engine.errors import Conflict, LimitReached, NotAllowed, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, Kind, allowed, may
from engine.services.views.grids import GridRecord, GridState, grid_fields, read_state

LONGEST_NAME: Final = 80
MOST_VIEWS: Final = 100


@dataclass(frozen=True, slots=True)
class KeptView:
    """`mine` says that the reader made it, `changeable` that they may change it. `document` is
    what `read_leniently` reads: fields may be gone since it was kept."""

    id: int
    record: GridRecord
    name: str
    owner: str
    shared: bool
    mine: bool
    changeable: bool
    document: Mapping[str, Any]
    revision: int


async def list_views(session: AsyncSession, actor: Actor, record: GridRecord) -> list[KeptView]:
    """One's own, then those others share. Raises NotAllowed."""
    allowed(actor, "read", record)
    if actor.id is None:
        return []
    return [_kept(row, actor) for row in await rows.views_for(session, record, actor.id)]


async def keep_view(
    session: AsyncSession, actor: Actor, name: str, state: GridState, *, shared: bool = False
) -> int:
    """The number of a new view. Raises NotAllowed, Refused, Conflict, LimitReached."""
    allowed(actor, "read", state.record)
    name, owner_id = _checked_name(name), _person(actor)
    if shared:
        _may_share(actor, state.record)
    document = await _checked(session, actor, state)
    if await rows.count_views(session, owner_id, state.record) >= MOST_VIEWS:
        raise LimitReached(f"Nobody keeps more than {MOST_VIEWS} views of a list. Remove one.")
    view_id = await rows.add_view(
        session,
        {
            "record": state.record,
            "name": name,
            "name_key": folded(name),
            "owner_id": owner_id,
            "shared": shared,
            "document": document,
        },
    )
    if view_id is None:
        raise Conflict(f'You have a view called "{name}" already. Choose another name.')
    after = {"name": name, "shared": shared, **document}
    await audit.record(session, actor, "create", "saved_view", view_id, None, after)
    return view_id


async def change_view(
    session: AsyncSession,
    actor: Actor,
    view_id: int,
    *,
    now: datetime,
    revision: int | None = None,
    name: str | None = None,
    shared: bool | None = None,
    state: GridState | None = None,
) -> None:
    """What is None stays. `revision` is the one that was seen. Raises NotAllowed, NotFound,
    Refused, and Conflict when somebody changed it meanwhile or the name is taken."""
    view = await _one_to_change(session, actor, view_id)
    if revision is not None and revision != view.revision:
        raise Conflict(f'Somebody changed the view "{view.name}" meanwhile. Look at it again.')
    values: dict[str, Any] = {}
    if name is not None:
        name = _checked_name(name)
        key = folded(name)
        if await rows.is_name_taken(session, view.owner_id, view.record, key, besides=view_id):
            raise Conflict(f'There is a view called "{name}" already. Choose another name.')
        values |= {"name": name, "name_key": key}
    if shared is not None:
        if shared:
            _may_share(actor, cast(GridRecord, view.record))
        values["shared"] = shared
    if state is not None:
        if state.record != view.record:
            raise Refused("A view belongs to one list and is not of another.")
        values["document"] = await _checked(session, actor, state)
    if values:
        before = {"name": view.name, "shared": view.shared, "document": view.document}
        await rows.change_view(session, view_id, values, now)
        shown = {one: value for one, value in values.items() if one != "name_key"}
        await audit.record(session, actor, "edit", "saved_view", view_id, before, shown)


async def remove_view(session: AsyncSession, actor: Actor, view_id: int) -> None:
    """Raises NotAllowed, NotFound."""
    view = await _one_to_change(session, actor, view_id)
    await rows.remove_view(session, view_id)
    before = {"name": view.name, "shared": view.shared, "document": view.document}
    await audit.record(session, actor, "delete", "saved_view", view_id, before, None)


async def _one_to_change(session: AsyncSession, actor: Actor, view_id: int) -> SavedViewRow:
    view = await rows.view_numbered(session, view_id, lock=True)
    if view is None or (view.owner_id != actor.id and not view.shared):
        raise NotFound(f"There is no view {view_id}.")
    allowed(actor, "read", cast(Kind, view.record))
    if not _changeable(view, actor):
        raise NotAllowed(f"The view belongs to {view.owner}. Keep one of your own instead.")
    return view


def _changeable(view: SavedViewRow, actor: Actor) -> bool:
    return view.owner_id == actor.id or may(actor, "manage", cast(Kind, view.record))


def may_share(actor: Actor, record: GridRecord) -> bool:
    """Those who change records show others what to look at."""
    return may(actor, "edit", record)


def _may_share(actor: Actor, record: GridRecord) -> None:
    if not may_share(actor, record):
        raise NotAllowed("Views are shared by those who may change what they list.")


def _person(actor: Actor) -> int:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("Views are kept by people.")
    return actor.id


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        problem = Problem("/name", "bad_name", f"Write 1 to {LONGEST_NAME} characters.")
        raise Refused("The view needs a name.", [problem])
    return name


async def _checked(session: AsyncSession, actor: Actor, state: GridState) -> dict[str, Any]:
    fields = await grid_fields(session, actor, state.record)
    return read_state(state.record, state.document(), fields).document()


def _kept(row: SavedViewRow, actor: Actor) -> KeptView:
    return KeptView(
        row.id,
        cast(GridRecord, row.record),
        row.name,
        row.owner,
        row.shared,
        row.owner_id == actor.id,
        _changeable(row, actor),
        row.document,
        row.revision,
    )
