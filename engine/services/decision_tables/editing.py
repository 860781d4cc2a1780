"""Making, changing and deleting decision tables, as documents or as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.decision_tables import decision_tables, table_named
from crm_store.models import DecisionTable
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.rules.tables import (
    Table,
    TableProblem,
    TableRefused,
    check_table,
    compile_table,
    from_csv,
    from_document,
    to_csv,
)
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue


async def list_tables(session: AsyncSession, actor: Actor) -> list[DecisionTable]:
    """By name."""
    allowed(actor, "read", "decision_table")
    return await decision_tables(session)


async def check_document(
    session: AsyncSession, actor: Actor, document: object
) -> list[TableProblem]:
    """Mistakes, or the warnings about a table that can be saved; nothing is stored."""
    allowed(actor, "read", "decision_table")
    try:
        catalogue = await current_catalogue(session)
        return check_table(compile_table(from_document(document), catalogue), catalogue)
    except TableRefused as refused:
        return list(refused.problems)


async def create_table(
    session: AsyncSession, actor: Actor, document: object, now: datetime
) -> DecisionTable:
    """Save a table. Raises Refused with every problem by row and column, and Conflict when the name
    is taken.
    """
    allowed(actor, "create", "decision_table")
    table = await _compiled(session, document)
    if await table_named(session, table.name, lock=True) is not None:
        raise Conflict(f'There is a decision table "{table.name}" already. Choose another name.')
    record = DecisionTable(
        name=table.name, label=table.label, document=table.document(), updated_at=now
    )
    session.add(record)
    await session.flush()
    await audit.record(session, actor, "create", "decision_table", record.id, after=_shown(record))
    return record


class TableChangedMeanwhile(Conflict):
    """The table is not any more what the caller has seen."""

    code = "changed_meanwhile"


async def show_table(session: AsyncSession, actor: Actor, name: str) -> DecisionTable:
    """A saved table as it stands, whether it can be asked or not. Raises NotFound."""
    allowed(actor, "read", "decision_table")
    record = await table_named(session, name)
    if record is None:
        raise NotFound(f'There is no decision table "{name}".')
    return record


async def edit_table(
    session: AsyncSession,
    actor: Actor,
    name: str,
    document: object,
    now: datetime,
    *,
    seen: int | None = None,
) -> DecisionTable:
    """Replace a table by another of the same name. `seen` is the revision the caller has read:
    raises TableChangedMeanwhile when it is another one now.
    """
    allowed(actor, "edit", "decision_table")
    record = await existing(session, name)
    if seen is not None and seen != record.revision:
        raise TableChangedMeanwhile(f'The decision table "{name}" was changed since you read it.')
    before = _shown(record)
    table = await _compiled(session, document)
    if table.name != name:
        problem = Problem("table", "bad_name", "The name of a table stays as it is.")
        raise Refused(f'The decision table "{name}" was not changed.', [problem])
    record.label, record.document, record.updated_at = table.label, table.document(), now
    record.revision += 1
    await session.flush()
    after = _shown(record)
    await audit.record(session, actor, "edit", "decision_table", record.id, before, after)
    return record


async def delete_table(session: AsyncSession, actor: Actor, name: str) -> None:
    allowed(actor, "delete", "decision_table")
    record = await existing(session, name)
    before = _shown(record)
    await audit.record(session, actor, "delete", "decision_table", record.id, before=before)
    await session.delete(record)
    await session.flush()


async def save_document(
    session: AsyncSession, actor: Actor, document: object, now: datetime
) -> DecisionTable:
    """Make the table, or change the one of its name."""
    name = document.get("table") if isinstance(document, dict) else None
    if isinstance(name, str) and await table_named(session, name) is not None:
        return await edit_table(session, actor, name, document, now)
    return await create_table(session, actor, document, now)


async def save_csv(session: AsyncSession, actor: Actor, text: str, now: datetime) -> DecisionTable:
    """Make the table of a CSV text, or change the one of its name. Raises Refused."""
    try:
        table = from_csv(text)
    except TableRefused as refused:
        raise _refusal(refused.problems) from refused
    return await save_document(session, actor, table.document(), now)


async def table_as_csv(session: AsyncSession, actor: Actor, name: str) -> str:
    """The table for a spreadsheet. Raises NotFound."""
    allowed(actor, "read", "decision_table")
    return to_csv(from_document((await existing(session, name)).document))


async def existing(session: AsyncSession, name: str) -> DecisionTable:
    """The table, held until the transaction ends. Raises NotFound."""
    record = await table_named(session, name, lock=True)
    if record is None:
        raise NotFound(f'There is no decision table "{name}".')
    return record


async def _compiled(session: AsyncSession, document: object) -> Table:
    try:
        table = from_document(document)
        compile_table(table, await current_catalogue(session))
    except TableRefused as refused:
        raise _refusal(refused.problems) from refused
    return table


def _refusal(problems: Sequence[TableProblem]) -> Refused:
    found = [Problem(one.place, one.code, one.message) for one in problems]
    return Refused("The decision table has mistakes.", found)


def _shown(record: DecisionTable) -> dict[str, Any]:
    return {"name": record.name, "label": record.label, "document": record.document}
