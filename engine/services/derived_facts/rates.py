"""Loading exchange rates, and converting again what they concern."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import exchange_rates as rows
from crm_store.exchange_rates import Newest
from crm_store.models import BaseState
from crm_store.scores import begin_rounds
from crm_store.segments import ask_for_recount
from crm_store.session import Store
from engine.services.actor import Actor, allowed
from engine.services.audit import record as audit
from engine.services.changes.exit_asks import ask_page, versions_that_leave_by
from engine.services.derived_facts.alone import alone
from engine.services.derived_facts.amounts import rewrite_all
from engine.services.derived_facts.rates_file import Rate, read_rates
from engine.services.plans import Plans

RATES_PER_STATEMENT: Final = 20_000


@dataclass(frozen=True, slots=True)
class RatesReport:
    """`changed` rates are new or other than before; `rewritten` amounts follow from them."""

    base: str
    rates: int
    changed: int
    rewritten: int


async def import_rates(
    store: Store,
    actor: Actor,
    path: Path,
    base: str,
    now: datetime,
    partitions: int | None = None,
) -> RatesReport:
    """Load the rates of a file and convert the orders and deals again that they concern; segments
    are counted anew when one of those became another.

    With `partitions`, the number of them, people in flows whose exit rules read amounts are asked
    again at once. Loading a file twice changes nothing. Raises Refused with every problem of the
    file.
    """
    allowed(actor, "import", "order")
    rates = await asyncio.to_thread(read_rates, path, base)
    async with store.transaction() as session:
        # so that no order is being written with what was known before
        await alone(session)
        changed = await _put(session, rates, base)
        kept = await rows.base_currency(session)
        after = {"file": path.name, "rates": len(rates), "changed": changed}
        await audit(session, actor, "import", "exchange_rate", base, None, after)
    rewritten = 0
    # amounts that are about to be in another currency are rewritten with all others
    if changed and kept.currency == base and kept.state is not BaseState.REWRITING:
        currencies = {rate.currency for rate in rates}
        rewritten = await rewrite_all(store, currencies, min(rate.day for rate in rates))
    if rewritten:
        async with store.transaction() as session:
            await ask_for_recount(session, now)
            await begin_rounds(session)
        if partitions is not None:
            await _ask_exit_rules(store, now, partitions)
    return RatesReport(base, len(rates), changed, rewritten)


async def _ask_exit_rules(store: Store, now: datetime, partitions: int) -> None:
    after: int | None = 0
    async with store.transaction() as session:
        versions = await versions_that_leave_by(session, Plans(), ("order", "deal"))
    while after is not None:
        async with store.transaction() as session:
            after, _ = await ask_page(
                session, versions, by="rates", partitions=partitions, now=now, after=after
            )


async def list_rates(session: AsyncSession, actor: Actor, base: str) -> list[Newest]:
    """The newest rate of each currency."""
    allowed(actor, "read", "order")
    return await rows.newest_rates(session, base)


async def _put(session: AsyncSession, rates: list[Rate], base: str) -> int:
    changed = 0
    for start in range(0, len(rates), RATES_PER_STATEMENT):
        changed += await rows.put_rates(
            session,
            [
                {
                    "base_currency": base,
                    "currency": rate.currency,
                    "day": rate.day,
                    "rate": str(rate.rate),
                    "minor_rate": str(rate.minor_rate),
                }
                for rate in rates[start : start + RATES_PER_STATEMENT]
            ],
        )
    return changed
