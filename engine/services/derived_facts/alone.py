"""Changing what derived facts are worked out with, while nobody writes an order or deal."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.fact_borders import hold_fact_borders
from engine.errors import Unavailable


async def alone(session: AsyncSession) -> None:
    """Until the transaction ends nobody writes orders or deals.

    Raises Unavailable when a transaction that does goes on for longer than others should wait.
    """
    if not await hold_fact_borders(session):
        raise Unavailable(
            "Orders or deals are being written by something that takes long, such as the dry run "
            "of a large import. Try again when it is through."
        )
