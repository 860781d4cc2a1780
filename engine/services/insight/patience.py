"""How long a question may keep the database busy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.statement_time import limit_statements, was_given_up
from engine.errors import Refused

# A million stays take some seconds; a request is ended after thirty.
LONGEST: Final = timedelta(seconds=20)


class FiguresTooSlow(Refused):
    """The answer takes longer than a request may; asking again will not help."""

    code = "figures_too_slow"


@asynccontextmanager
async def bounded(session: AsyncSession, longest: timedelta = LONGEST) -> AsyncIterator[None]:
    """Statements inside, and after it in the same transaction, are given up after `longest`."""
    await limit_statements(session, longest)
    try:
        yield
    except DBAPIError as error:
        if not was_given_up(error):
            raise
        raise FiguresTooSlow(
            f"The figures took longer than {longest.total_seconds():g} seconds and were given up. "
            "Ask for a shorter time or a single pipeline."
        ) from error
