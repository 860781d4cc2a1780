"""Pages of a list in any order, turned by key: the last of a million costs what the first does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.grid_columns import TABLES, GridRecord, ordering


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    falling: bool = False


@dataclass(frozen=True, slots=True)
class GridMark:
    """Where a page begins or ends: the keys it is ordered by, and the number of the record."""

    keys: tuple[Any, ...]
    id: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a list consists of before it is ordered: rows, and which of them."""

    record: GridRecord
    rows: FromClause
    where: tuple[ColumnElement[bool], ...] = ()

    def ids(self) -> Select[Any]:
        return select(TABLES[self.record].c.id).select_from(self.rows).where(*self.where)


async def marks_page(
    session: AsyncSession,
    found: Found,
    order: Sequence[Order],
    *,
    after: GridMark | None = None,
    before: GridMark | None = None,
    from_the_end: bool = False,
    limit: int,
    gathered: bool = False,
) -> list[GridMark]:
    """The records after or before a mark, the first, or the last ones, in the order of the list.

    The database goes along the order and looks who belongs to the list. That is the fastest unless
    few do, or they stand together at the far end; `gathered` makes it find them all and sort them.
    """
    backwards = before is not None or from_the_end
    keys = [ordering(found.record, one.field) for one in order]
    falling = [one.falling != backwards for one in order]
    # of records that are alike the number decides, in the direction of what came before it
    number = TABLES[found.record].c.id
    keys.append(number)
    falling.append(falling[-1] if falling else backwards)
    query = select(*keys).select_from(found.rows).where(*found.where)
    if gathered:
        # an offset of nothing keeps the order from being pushed into the question
        names = [f"key_{place}" for place in range(len(keys))]
        labelled = [key.label(name) for key, name in zip(keys, names, strict=True)]
        inside = query.with_only_columns(*labelled).offset(0).subquery("gathered")
        keys = [inside.c[name] for name in names]
        query = select(*keys)
    mark = after or before
    if mark is not None:
        query = query.where(_beyond(keys, falling, (*mark.keys, mark.id)))
    query = query.order_by(
        *(key.desc() if down else key for key, down in zip(keys, falling, strict=True))
    ).limit(limit)
    rows = [tuple(row) for row in await session.execute(query)]
    marks = [GridMark(row[:-1], row[-1]) for row in rows]
    return marks[::-1] if backwards else marks


def _beyond(
    keys: Sequence[ColumnElement[Any]], falling: Sequence[bool], values: Sequence[Any]
) -> ColumnElement[bool]:
    if len(set(falling)) == 1:
        place, bound = tuple_(*keys), tuple_(*values)
        return place < bound if falling[0] else place > bound
    ways = []
    for depth, (key, down, value) in enumerate(zip(keys, falling, values, strict=True)):
        same = [one == given for one, given in zip(keys[:depth], values[:depth], strict=True)]
        ways.append(and_(*same, key < value if down else key > value))
    # said once more of the first key alone, which an index can use
    first = keys[0] <= values[0] if falling[0] else keys[0] >= values[0]
    return and_(first, or_(*ways))


async def count_found(session: AsyncSession, found: Found, *, at_most: int | None = None) -> int:
    """How many there are; `at_most` stops counting there."""
    if at_most is None:
        query = select(func.count()).select_from(found.rows).where(*found.where)
    else:
        query = select(func.count()).select_from(found.ids().limit(at_most).subquery())
    return (await session.execute(query)).scalar_one()


async def ids_after(session: AsyncSession, found: Found, after: int, limit: int) -> list[int]:
    """The next numbers after `after`, for going through all of a list piece by piece."""
    number = TABLES[found.record].c.id
    query = found.ids().where(number > after).order_by(number).limit(limit)
    return list(await session.scalars(query))
