"""A page of a list, how many there are, and all of them piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import grid_rows
from crm_store.lists.grid_pages import GridMark as GridMark
from crm_store.lists.grid_pages import Order, count_found, ids_after, marks_page
from crm_store.statement_time import limit_statements, was_given_up
from engine.errors import Refused
from engine.rules.to_sql import NotInSql
from engine.services.actor import Actor, allowed_some, hidden_fields
from engine.services.custom_fields import RECORDS, list_custom_fields
from engine.services.views.grids.fields import GridField, GridRecord, fields_of
from engine.services.views.grids.finding import Moment, found_by
from engine.services.views.grids.state import GridState
from engine.services.views.names import person_name

Turn = Literal["first", "previous", "next", "last"]
# A page is on the screen long before; what takes longer is given up and said to be.
LONGEST_PAGE: Final = timedelta(seconds=8)
LONGEST_WALK: Final = timedelta(milliseconds=60)
LONGEST_COUNT: Final = timedelta(seconds=4)
# Where counting to the end takes too long, it goes so far.
COUNTED: Final = 10_000
MOST_TAGS: Final = 500
_ROWS: Final[Mapping[GridRecord, Callable[..., Any]]] = {
    "contact": grid_rows.contact_rows,
    "account": grid_rows.account_rows,
    "ticket": grid_rows.ticket_rows,
}


@dataclass(frozen=True, slots=True)
class GridLine:
    """`values` are columns by name; a contact's `name` is as people say it. Of `hidden` ones the
    value is None, whatever it is."""

    id: int
    name: str
    values: Mapping[str, Any]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GridPage:
    """`first` and `last` are its marks for going back and on."""

    lines: tuple[GridLine, ...]
    first: GridMark | None
    last: GridMark | None
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class GridCount:
    """`exact` is False when there are at least so many."""

    count: int
    exact: bool


class ListTooSlow(Refused):
    """The list takes longer to find than somebody waits."""

    code = "list_too_slow"


async def grid_fields(
    session: AsyncSession, actor: Actor, record: GridRecord
) -> dict[str, GridField]:
    """The fields of a list, those that people defined among them."""
    allowed_some(actor, "read", record)
    if record not in RECORDS:
        return fields_of(record, ())
    return fields_of(record, await list_custom_fields(session, record))


async def grid_page(
    session: AsyncSession,
    actor: Actor,
    state: GridState,
    moment: Moment,
    *,
    turn: Turn = "first",
    mark: GridMark | None = None,
    limit: int = 50,
) -> GridPage:
    """`mark` is the last of the page before ("next"), the first of the one after ("previous").
    Raises NotAllowed, RuleNotAccepted, ListTooSlow."""
    allowed_some(actor, "read", state.record)
    fields = await grid_fields(session, actor, state.record)
    backwards = turn in ("previous", "last")
    question = partial(
        marks_page,
        session,
        await found_by(session, actor, state, fields, moment),
        [Order(*one) for one in state.order],
        after=mark if turn == "next" else None,
        before=mark if turn == "previous" else None,
        from_the_end=turn == "last",
        limit=limit + 1,
    )
    marks = await _walked_or_gathered(session, question, narrowed=state.is_narrowed)
    more = len(marks) > limit
    kept = marks[-limit:] if backwards else marks[:limit]
    return GridPage(
        await lines_of(
            session,
            state.record,
            [one.id for one in kept],
            hidden_in(actor, state.record),
        ),
        kept[0] if kept else None,
        kept[-1] if kept else None,
        has_previous=more if backwards else turn == "next",
        has_next=turn == "previous" if backwards else more,
    )


async def _walked_or_gathered(
    session: AsyncSession, question: Callable[..., Awaitable[list[GridMark]]], *, narrowed: bool
) -> list[GridMark]:
    """Going along the order finds the first of many at once, and seeks for seconds where few fit.
    No estimate of the database says which it will be: so it is tried, and not for long."""
    if narrowed:
        savepoint = await session.begin_nested()
        try:
            async with within(session, LONGEST_WALK):
                return await question()
        except ListTooSlow:
            await savepoint.rollback()
    async with within(session, LONGEST_PAGE):
        return await question(gathered=narrowed)


async def lines_of(
    session: AsyncSession,
    record: GridRecord,
    ids: list[int],
    hidden: frozenset[str] = frozenset(),
) -> tuple[GridLine, ...]:
    """In the order of the ids; records that went meanwhile are left out. `hidden` are those of
    `hidden_fields`."""
    rows = await _ROWS[record](session, ids) if ids else {}
    if hidden:
        rows = {id_: without_hidden(row, hidden) for id_, row in rows.items()}
    return tuple(
        GridLine(id_, _name(record, rows[id_]), rows[id_], hidden) for id_ in ids if id_ in rows
    )


def hidden_in(actor: Actor, record: GridRecord) -> frozenset[str]:
    """The columns of a list that this actor is not shown; a ticket has its contact's address."""
    hidden = hidden_fields(actor, record)
    if record == "ticket":
        hidden |= hidden_fields(actor, "contact") & {"email"}
    return hidden


def without_hidden(row: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """The row with nothing in its hidden fields."""
    shown = {name: None if name in hidden else value for name, value in row.items()}
    if isinstance(row.get("custom"), Mapping):
        shown["custom"] = {
            key: value for key, value in row["custom"].items() if f"custom.{key}" not in hidden
        }
    return shown


async def grid_count(
    session: AsyncSession, actor: Actor, state: GridState, moment: Moment
) -> GridCount:
    """How many the list holds. Where that takes too long, that there are at least so many. Do
    nothing else in the transaction: the answer that was given up is taken back."""
    allowed_some(actor, "read", state.record)
    fields = await grid_fields(session, actor, state.record)
    found = await found_by(session, actor, state, fields, moment)
    savepoint = await session.begin_nested()
    try:
        async with within(session, LONGEST_COUNT):
            return GridCount(await count_found(session, found), exact=True)
    except ListTooSlow:
        await savepoint.rollback()
    async with within(session, LONGEST_COUNT):
        some = await count_found(session, found, at_most=COUNTED + 1)
    return GridCount(min(some, COUNTED), exact=some <= COUNTED)


async def grid_ids(
    session: AsyncSession,
    actor: Actor,
    state: GridState,
    moment: Moment,
    *,
    after: int,
    limit: int,
) -> list[int]:
    """The next records of the list by number, for deeds that go through all of them."""
    allowed_some(actor, "read", state.record)
    fields = await grid_fields(session, actor, state.record)
    found = await found_by(session, actor, state, fields, moment)
    return await ids_after(session, found, after, limit)


async def grid_tags(session: AsyncSession, actor: Actor) -> list[str]:
    """The tags there are, by name; the first `MOST_TAGS`."""
    allowed_some(actor, "read", "contact")
    return await grid_rows.known_tags(session, MOST_TAGS)


@asynccontextmanager
async def within(session: AsyncSession, longest: timedelta) -> AsyncIterator[None]:
    """Each question inside is given up after this time."""
    await limit_statements(session, longest)
    try:
        yield
    except NotInSql as error:
        raise Refused("This rule cannot be asked of a whole list.") from error
    except DBAPIError as error:
        if not was_given_up(error):
            raise
        raise ListTooSlow(
            f"Finding them took longer than {longest.total_seconds():g} seconds and was given up. "
            "Narrow the list further, or order it by another column."
        ) from error


def _name(record: GridRecord, row: Mapping[str, Any]) -> str:
    if record == "contact":
        return person_name(row["first_name"], row["last_name"], row["email"], row["id"])
    return str(row["name"] if record == "account" else row["subject"])
