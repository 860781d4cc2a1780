"""The statement that a rule becomes, for whoever wants to see it or try it in a shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.statement_plan import plan_of
from engine.rules import Rule
from engine.services.actor import Actor, allowed
from engine.services.rules.counting import bounded
from engine.services.segments_query import ids_matching

LONGEST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Statement:
    """`text` names its parameters as `:name`."""

    text: str
    parameters: Mapping[str, Any]


def statement_of(rule: Rule, now: datetime, zone: str) -> Statement:
    """Raises NotInSql for a rule about the event at hand, a deal or a ticket."""
    dialect = psycopg_dialect(paramstyle="named")  # type: ignore[no-untyped-call]
    compiled = ids_matching(rule, now, zone).compile(
        dialect=dialect, compile_kwargs={"render_postcompile": True}
    )
    return Statement(str(compiled), dict(compiled.params))


async def plan_of_rule(
    session: AsyncSession, actor: Actor, rule: Rule, now: datetime, zone: str
) -> list[str]:
    """How the database looks for the contacts, measured by doing it; a minute at most."""
    allowed(actor, "manage", "contact")
    async with bounded(session, LONGEST):
        return await plan_of(session, ids_matching(rule, now, zone))
