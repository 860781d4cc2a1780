"""Asking a table about contacts, one with reasons or many without."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.decision_tables import table_named
from engine.errors import NotFound, Problem, Refused
from engine.rules import Catalogue, Explained, Facts
from engine.rules.tables import CompiledTable, Decision, TableRefused, compile_table, from_document
from engine.rules.wording.because import because
from engine.services.actor import Actor, allowed
from engine.services.facts import load_facts
from engine.services.plans import current_catalogue
from engine.services.roles.one_record import allowed_record
from engine.services.rules.permissions import may_know


@dataclass(frozen=True, slots=True)
class Answer:
    """What a table says of one contact. `why` has a sentence for each row that gave the answer, by
    language.
    """

    decision: Decision
    why: tuple[Mapping[str, str], ...]


async def ask_table(
    session: AsyncSession,
    actor: Actor,
    name: str,
    contact_id: int,
    now: datetime,
    zone: str,
    *,
    event: Mapping[str, Any] | None = None,
) -> Answer:
    """One contact, with reasons. `event` is the event at hand, for a table that reads one. Raises
    NotFound and Refused, and NotAllowed when a row reads what the actor may not.
    """
    await allowed_record(session, actor, "read", "contact", contact_id)
    table, catalogue = await table_of(session, actor, name)
    _may_know_all(actor, table, catalogue, seen_only=True)
    facts = await load_facts(session, [contact_id], table.reads, now)
    if contact_id not in facts:
        raise NotFound(f"There is no contact {contact_id}.")
    known = {**facts[contact_id], "event": None if event is None else dict(event)}
    return _answer(table, known, now, zone, catalogue)


async def try_table(
    session: AsyncSession, actor: Actor, document: object, contact_id: int, now: datetime, zone: str
) -> Answer:
    """One contact, by a table that is not saved. Raises what `ask_table` raises."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    allowed(actor, "read", "decision_table")
    catalogue = await current_catalogue(session)
    table = _compiled(document, catalogue, "The decision table has mistakes.")
    _may_know_all(actor, table, catalogue, seen_only=True)
    facts = await load_facts(session, [contact_id], table.reads, now)
    if contact_id not in facts:
        raise NotFound(f"There is no contact {contact_id}.")
    return _answer(table, facts[contact_id], now, zone, catalogue)


def _answer(
    table: CompiledTable, facts: Facts, now: datetime, zone: str, catalogue: Catalogue
) -> Answer:
    decision = table.evaluate(facts, now, zone)
    return Answer(decision, tuple(_sentences(hit.why, catalogue, zone) for hit in decision.hits))


async def decide_for(
    session: AsyncSession,
    actor: Actor,
    name: str,
    contact_ids: Collection[int],
    now: datetime,
    zone: str,
) -> dict[int, Decision]:
    """Many contacts at once, without reasons; those that are gone are left out."""
    allowed(actor, "read", "contact")
    table, catalogue = await table_of(session, actor, name)
    _may_know_all(actor, table, catalogue)
    facts = await load_facts(session, contact_ids, table.reads, now)
    return {
        contact_id: table.evaluate(known, now, zone, explain=False)
        for contact_id, known in facts.items()
    }


async def table_of(
    session: AsyncSession, actor: Actor, name: str
) -> tuple[CompiledTable, Catalogue]:
    """A saved table that can be asked. Raises NotFound, and Refused when the facts its cells name
    are not there any more.
    """
    allowed(actor, "read", "decision_table")
    record = await table_named(session, name)
    if record is None:
        raise NotFound(f'There is no decision table "{name}".')
    catalogue = await current_catalogue(session)
    words = f'The decision table "{name}" cannot be used.'
    return _compiled(record.document, catalogue, words), catalogue


def _compiled(document: object, catalogue: Catalogue, words: str) -> CompiledTable:
    try:
        return compile_table(from_document(document), catalogue)
    except TableRefused as refused:
        found = [Problem(one.place, one.code, one.message) for one in refused.problems]
        raise Refused(words, found) from refused


def _may_know_all(
    actor: Actor, table: CompiledTable, catalogue: Catalogue, *, seen_only: bool = False
) -> None:
    """An answer says something of every row: that it holds, or that it does not."""
    for rule in table.rules:
        may_know(actor, rule, "contact", catalogue, seen_only=seen_only)


def _sentences(why: Explained | None, catalogue: Catalogue, zone: str) -> Mapping[str, str]:
    if why is None:
        return {}
    return {language: because(why, language, catalogue, zone) for language in ("en", "zh")}
