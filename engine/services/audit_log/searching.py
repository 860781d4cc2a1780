"""Searching the audit: by person, kind, thing, verb, door, time and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit_search as rows
from crm_store.audit_search import AuditQuery as AuditQuery
from crm_store.audit_search import AuditRow as AuditRow
from crm_store.audit_search import Key
from crm_store.statement_time import limit_statements, was_given_up
from engine.errors import LimitReached, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.door import DOORS

USUAL_SPAN: Final = timedelta(days=30)
MOST_LISTED: Final = 200
LONGEST_WORDS: Final = 200
LONGEST_SEARCH: Final = timedelta(seconds=8)
LONGEST_SPAN: Final = timedelta(days=366 * 20)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The newest first. `older` and `newer`: whether there are some beyond the ends."""

    rows: Sequence[AuditRow]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True)
class SeenRow:
    """`seal` is None for the minute until it is sealed."""

    row: AuditRow
    seal: str | None


def key_of(row: AuditRow) -> Key:
    """The place of a row, for the page before or behind it."""
    return row.at, row.id


def usual_query(now: datetime) -> AuditQuery:
    """Everything of the last days, and what is written down while somebody looks."""
    return AuditQuery(now - USUAL_SPAN, now + timedelta(days=1))


async def search_audit(
    session: AsyncSession,
    actor: Actor,
    query: AuditQuery,
    *,
    before: Key | None = None,
    after: Key | None = None,
    limit: int = 50,
) -> AuditPage:
    """For older ones give the place of the last as `before`, for newer ones that of the first as
    `after`. Raises Refused, and LimitReached for a search that takes too long."""
    allowed(actor, "read", "audit")
    query, limit = sane_query(query), min(limit, MOST_LISTED)
    await limit_statements(session, LONGEST_SEARCH)
    try:
        found = await rows.page_of_audit(
            session, query, before=before, after=after, limit=limit + 1
        )
    except DBAPIError as error:
        if was_given_up(error):
            raise LimitReached(
                "The search took too long. Choose a shorter time, or a person or kind."
            ) from error
        raise
    more = len(found) > limit
    if after is not None:
        return AuditPage(found[1:] if more else found, True, more)
    return AuditPage(found[:limit], more, before is not None)


async def see_audit_row(session: AsyncSession, actor: Actor, audit_id: int) -> SeenRow:
    """Raises NotFound."""
    allowed(actor, "read", "audit")
    found = await rows.audit_row(session, audit_id)
    if found is None:
        raise NotFound(f"There is no row {audit_id} in the audit.")
    return SeenRow(*found)


async def audit_words(session: AsyncSession, actor: Actor) -> tuple[list[str], list[str]]:
    """The verbs and kinds that occur, for choosing from."""
    allowed(actor, "read", "audit")
    return await rows.words_of_audit(session)


def sane_query(query: AuditQuery) -> AuditQuery:
    problems = []
    if query.since >= query.until:
        problems.append(Problem("?since", "out_of_range", "begin before the end"))
    if query.until - query.since > LONGEST_SPAN:
        problems.append(Problem("?since", "out_of_range", "ask for at most twenty years"))
    if query.door and query.door not in DOORS:
        problems.append(Problem("?door", "unknown_door", f"name one of {', '.join(DOORS)}"))
    texts = (
        *(query.actor, query.verb, query.kind, query.subject, query.request_id),
        query.words,
    )
    if any(len(one) > LONGEST_WORDS or "\0" in one for one in texts):
        message = f"search for at most {LONGEST_WORDS} characters"
        problems.append(Problem("?words", "too_long", message))
    if problems:
        raise Refused("The audit was not searched.", problems)
    return replace(query, since=query.since.astimezone(UTC), until=query.until.astimezone(UTC))
