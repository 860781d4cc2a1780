"""What the kinds of definitions want done, and asked, when one of theirs is published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.publish_rules import chain_for
from engine.definitions import DefinitionKind
from engine.services.definitions.kept import Stored

Published: TypeAlias = Callable[[AsyncSession, Stored, datetime], Awaitable[None]]


async def _pipeline_published(session: AsyncSession, stored: Stored, now: datetime) -> None:
    # Imported when it is called: moving deals may end in an approval, which may publish something.
    from engine.services.deals.publishing import pipeline_published

    await pipeline_published(session, stored, now)


# Called in the transaction that publishes, also when an older version is published again.
PUBLISHED: Final[Mapping[DefinitionKind, Published]] = {
    DefinitionKind.PIPELINE: _pipeline_published,
}


async def needs_approval(session: AsyncSession, kind: DefinitionKind, name: str) -> str | None:
    """The approval chain that must agree before this is published; None: nobody need be asked."""
    return await chain_for(session, kind.value, name)
