"""Several deeds in one request, each done or refused for itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy.exc import DBAPIError

from engine.api.places import item_of
from engine.api.problems import from_database
from engine.api.shapes.common import ItemOutcome
from engine.errors import CadenzaError, Refused, Unavailable
from engine.services.work import Work

MOST_ITEMS: Final = 100

T = TypeVar("T")


async def each_of(
    work: Work, items: Sequence[T], deed: Callable[[T], Awaitable[int | None]]
) -> list[ItemOutcome]:
    """What became of each. `deed` gives the number of what it made or changed. What is refused
    leaves nothing behind and keeps none of the others from being done; an outage refuses all."""
    outcomes = []
    for index, item in enumerate(items):
        made = len(work.made)
        savepoint = await work.session.begin_nested()
        try:
            number = await deed(item)
        except Unavailable:
            raise
        except CadenzaError as error:
            await savepoint.rollback()
            del work.made[made:]
            outcomes.append(_refused(index, error))
        except DBAPIError as error:
            known = from_database(error)
            if known is None or isinstance(known, Unavailable):
                raise
            await savepoint.rollback()
            del work.made[made:]
            outcomes.append(_refused(index, known))
        else:
            await savepoint.commit()
            outcomes.append(ItemOutcome(index=index, outcome="done", id=number))
    return outcomes


def _refused(index: int, error: CadenzaError) -> ItemOutcome:
    problems: list[dict[str, Any]] = []
    if isinstance(error, Refused):
        problems = [dict(item_of(one)) for one in error.problems]
    return ItemOutcome(
        index=index,
        outcome="refused",
        code=error.code,
        message=error.message,
        problems=problems or None,
    )
