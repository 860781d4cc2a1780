"""Whether a chain of approvals stands before something is published."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.publish_rules import chain_for
from engine.errors import Conflict


class NeedsApproval(Conflict):
    """A chain of approvals stands before this publishing; `chain` is its name."""

    code = "needs_approval"

    def __init__(self, message: str, chain: str) -> None:
        super().__init__(message)
        self.chain = chain


async def agreed(session: AsyncSession, kind: str, name: str, *, approved: bool) -> None:
    """Return when it may be published now; raise NeedsApproval when people must agree first."""
    chain = None if approved else await chain_for(session, kind, name)
    if chain is not None:
        raise NeedsApproval(
            f'Publishing the {kind.replace("_", " ")} "{name}" needs the approval chain "{chain}". '
            f"Ask for it with `cadenza approval ask {kind} {name}`, or in the designer.",
            chain,
        )
