"""Published rules made ready to be asked, and what they read of records."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.decision_tables import table_named
from engine.assignment import Assignment, Routes, routes_of
from engine.definitions import DefinitionKind
from engine.errors import NotFound, Problem, Refused
from engine.rules import Catalogue, Facts, Reads
from engine.rules.tables import CompiledTable, TableRefused, compile_table, from_document
from engine.services.definitions import Stored, current
from engine.services.facts import load_facts
from engine.services.subject_facts import load_subject_facts

RecordName: TypeAlias = Literal["contact", "deal", "ticket"]


async def rules_named(session: AsyncSession, name: str) -> Stored:
    """The version that holds now. Raises NotFound."""
    found = await current(session, DefinitionKind.ASSIGNMENT, name)
    if found is None:
        raise NotFound(f'There are no assignment rules "{name[:63]}".')
    return found


async def ready_routes(
    session: AsyncSession, name: str, assignment: Assignment, catalogue: Catalogue, kind: str
) -> Routes:
    """Raises Refused when the rules are about other records, or read what is not there any more."""
    table = None
    if assignment.table is not None:
        table = await _table(session, name, assignment.table, catalogue)
    about = table.table.subject if table is not None else assignment.subject
    if about not in ("contact", kind):
        raise Refused(f'The rules "{name}" are about {about}s, and this is a {kind}.')
    return routes_of(assignment, catalogue, table)


async def _table(
    session: AsyncSession, rules: str, name: str, catalogue: Catalogue
) -> CompiledTable:
    record = await table_named(session, name)
    if record is None:
        problem = Problem("/table", "unknown_table", f'There is no decision table "{name}".')
        raise Refused(f'The rules "{rules}" cannot be followed.', [problem])
    try:
        return compile_table(from_document(record.document), catalogue)
    except TableRefused as refused:
        found = [Problem(one.place, one.code, one.message) for one in refused.problems]
        raise Refused(f'The decision table "{name}" cannot be used.', found) from refused


async def facts_of_records(
    session: AsyncSession, kind: RecordName, ids: Collection[int], reads: Reads, now: datetime
) -> dict[int, Facts]:
    if kind == "contact":
        return await load_facts(session, ids, reads, now)
    return await load_subject_facts(session, kind, ids, reads, now)
