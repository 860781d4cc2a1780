"""Finding an account to choose."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import record_edits as rows
from crm_store.base import folded
from crm_store.models import Account
from engine.services.actor import Actor, allowed_some
from engine.services.roles.visibility import visible

MOST_FOUND: Final = 12


async def accounts_called(session: AsyncSession, actor: Actor, words: str) -> list[tuple[int, str]]:
    """(number, name) of the first whose name contains the words. Raises NotAllowed."""
    allowed_some(actor, "read", "account")
    which = visible(actor, "read", "account", Account.owner_id)
    return await rows.account_names(session, folded(words)[:200], MOST_FOUND, which)
