"""The currency that all amounts are kept in besides their own, and changing it."""

from __future__ import annotations

from crm_store import exchange_rates as rows
from crm_store.models import BaseState
from crm_store.session import Store
from engine.services.derived_facts.alone import alone
from engine.services.derived_facts.amounts import rewrite_all, summarise_all


async def settle_base_currency(store: Store, currency: str) -> bool:
    """Keep amounts in this currency from now on; returns whether anything had to be done.

    Stopped half way, the next call goes on. Until it is through, sums that are touched are absent
    rather than a mixture, and the others say in which currency they are.
    """
    async with store.transaction() as session:
        before = await rows.base_currency(session)
    if before.currency == currency and before.state is BaseState.SETTLED:
        return False
    if before.currency != currency or before.state is BaseState.REWRITING:
        await _reach(store, currency, BaseState.REWRITING)
        await rewrite_all(store)
        await _reach(store, currency, BaseState.SUMMING)
    await summarise_all(store)
    await _reach(store, currency, BaseState.SETTLED)
    return True


async def _reach(store: Store, currency: str, state: BaseState) -> None:
    async with store.transaction() as session:
        # so that no order is being written with the currency of before
        await alone(session)
        await rows.set_base_currency(session, currency, state)
