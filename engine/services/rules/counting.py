"""How many contacts a rule holds for, within a time that a person waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.statement_time import limit_statements, was_given_up
from engine.errors import Problem, Refused
from engine.rules.to_sql import NotInSql
from engine.services.actor import Actor
from engine.services.roles.visibility import visible
from engine.services.rules.asked import AskedRule, accepted_meanwhile
from engine.services.rules.permissions import may_know, vocabulary
from engine.services.segments_query import CONTACT_OWNER, count_matching, ids_matching

# The dearest kind of rule takes about a second over a million contacts.
LONGEST: Final = timedelta(seconds=10)


class RuleTooSlow(Refused):
    """The answer takes longer than a request may; asking again will not help."""

    code = "rule_too_slow"


@dataclass(frozen=True, slots=True)
class Counted:
    """`exact` is False when counting stopped at the bound: there are at least `count`."""

    count: int
    exact: bool


async def count_rule(
    session: AsyncSession,
    actor: Actor,
    asked: AskedRule,
    *,
    now: datetime,
    zone: str,
    at_most: int | None = None,
    longest: timedelta = LONGEST,
) -> Counted:
    """Count the contacts that match, of those that the actor may see; not beyond `at_most`, when
    it is given.

    Raises RuleNotAccepted, NotAllowed, and RuleTooSlow after `longest`.
    """
    catalogue = await vocabulary(session, actor, asked.subject)
    rule = await accepted_meanwhile(asked, catalogue, place="/rule")
    may_know(actor, rule, asked.subject, catalogue, seen_only=True)
    which = visible(actor, "read", "contact", CONTACT_OWNER)
    async with bounded(session, longest):
        if at_most is None:
            count = await count_matching(session, rule, now, zone, which=which)
            return Counted(count, exact=True)
        some = ids_matching(rule, now, zone).where(which)
        return await _count_up_to(session, some, at_most)


async def _count_up_to(session: AsyncSession, matching: Select[int], at_most: int) -> Counted:
    some = matching.limit(at_most + 1).subquery()
    found = (await session.execute(select(func.count()).select_from(some))).scalar_one()
    return Counted(min(found, at_most), exact=found <= at_most)


@asynccontextmanager
async def bounded(session: AsyncSession, longest: timedelta) -> AsyncIterator[None]:
    """Questions to the database inside are given up after `longest` each, and those that no column
    can answer are refused.
    """
    await limit_statements(session, longest)
    try:
        yield
    except NotInSql as error:
        problem = Problem("/rule", "not_countable", f"{error}")
        raise RuleNotCountable("This rule cannot be asked of all contacts.", [problem]) from error
    except DBAPIError as error:
        if not was_given_up(error):
            raise
        raise RuleTooSlow(
            f"The rule took longer than {longest.total_seconds():g} seconds and was given up. "
            "Narrow it with a condition on the contact itself, ask with a bound "
            "(at_most), or save it as a segment: its members are counted in the background."
        ) from error


class RuleNotCountable(Refused):
    """The rule reads something that is only there when it is asked of one record."""

    code = "rule_not_countable"
