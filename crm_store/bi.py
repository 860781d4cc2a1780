"""The views that other programs may count on: what they are, and reading them in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The promise: columns are added, and never renamed, removed or made to mean something else, within
# a version. `bi_contact_details` says who somebody is, and is only given when it is asked for.
VERSION: Final = 1
VIEWS: Final[Mapping[str, str]] = {
    "bi_contacts": "People, without names and addresses",
    "bi_accounts": "Companies",
    "bi_people": "Colleagues: role, team and manager",
    "bi_deals": "Deals with pipeline, stage and amounts",
    "bi_stage_visits": "How long deals stood on each stage",
    "bi_orders": "Orders with amounts",
    "bi_tickets": "Tickets and their times",
    "bi_events": "What people did, without its properties",
    "bi_messages": "Messages and their fate, without addresses and subjects",
    "bi_runs": "Who went through which flow, and where they stand",
    "bi_goals": "Goals reached, with amounts",
    "bi_approvals": "Approvals asked for, and how they ended",
}
PERSONAL: Final[Mapping[str, str]] = {
    "bi_contact_details": "Names, addresses and birthdays of people",
}
_ROWS_AT_ONCE: Final = 20_000


async def hold_one_moment(session: AsyncSession) -> None:
    """Everything this transaction reads is of one moment. To be called first."""
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


async def columns_of(session: AsyncSession, view: str) -> list[tuple[str, str]]:
    """(name, PostgreSQL's type) in order."""
    found = await session.execute(
        text(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = :view ORDER BY ordinal_position"
        ),
        {"view": view},
    )
    return [(row[0], row[1]) for row in found]


async def rows_of(session: AsyncSession, view: str) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """The rows of a view, some thousands at a time."""
    if view not in VIEWS and view not in PERSONAL:
        raise KeyError(view)
    stream = await session.stream(
        text(f"SELECT * FROM {view}"),  # noqa: S608 - one of the names above
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )
    async for page in stream.partitions():
        yield page
