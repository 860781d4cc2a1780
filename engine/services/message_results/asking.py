"""What somebody wants to know about messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import flow_named
from crm_store.message_figures import Chosen
from engine.errors import NotFound, Problem, Refused

# What figures can be compared by, and the columns that make it up.
BY: Final[Mapping[str, tuple[str, ...]]] = {
    "message": ("flow", "node", "template", "version"),
    "template": ("template",),
    "version": ("template", "version"),
    "flow": ("flow",),
    "node": ("flow", "node"),
    "variant": ("flow", "split", "arm"),
    "language": ("template", "language"),
    "channel": ("channel",),
    "domain": ("domain",),
    "topic": ("topic",),
    "day": ("day",),
    "all": (),
}
DEFAULT_BY: Final = "message"
MOST_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """Messages handed over from `since` up to, not including, `until`; of a flow, a node of it, a
    template, or all of them."""

    by: str = DEFAULT_BY
    flow: str | None = None
    node: str | None = None
    template: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return BY[self.by]


async def chosen_by(session: AsyncSession, question: Question) -> Chosen:
    """Raises Refused and NotFound."""
    problems = []
    if question.by not in BY:
        problems.append(Problem("/by", "unknown", f"choose one of {', '.join(BY)}"))
    since, until = question.since, question.until
    if since is not None and until is not None and since >= until:
        problems.append(Problem("/until", "too_early", "must be later than since"))
    if problems:
        raise Refused("The figures cannot be given.", problems)
    flow_id = None
    if question.flow is not None:
        flow = await flow_named(session, question.flow)
        if flow is None:
            raise NotFound(
                f'There is no flow "{question.flow}". `cadenza flow list` shows all names.'
            )
        flow_id = flow.id
    return Chosen(flow_id, question.template, question.node, since, until)
