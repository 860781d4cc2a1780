"""Which events are counted, for goals and for arms that are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.goals import GoalVersion, versions_that_count
from engine.flows.goal import Goal


@dataclass(frozen=True, slots=True)
class Counted:
    """By the name of the event: the flows whose goal it may reach in any of their versions, and the
    (flow, node) whose arms are compared by it.
    """

    goals: Mapping[str, frozenset[int]] = field(default_factory=dict)
    arms: Mapping[str, frozenset[tuple[int, str]]] = field(default_factory=dict)


@dataclass(slots=True)
class GoalShelf:
    """What is counted, read again only when a flow was published, paused or decided about."""

    _known: tuple[object, Counted] | None = None

    async def counted(self, session: AsyncSession, book: object) -> Counted:
        """`book` is the flow book of the moment: while it is the same, so is this."""
        if self._known is None or self._known[0] is not book:
            self._known = book, _counted(await versions_that_count(session))
        return self._known[1]


def _counted(versions: Iterable[GoalVersion]) -> Counted:
    goals: dict[str, set[int]] = defaultdict(set)
    arms: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for version in versions:
        if stored := version.definition.get("goal"):
            goals[Goal.from_definition(stored).event].add(version.flow_id)
        for node in version.definition["nodes"]:
            rule = node["settings"].get("winner") if node["do"] == "split" else None
            if rule and rule.get("event"):
                arms[rule["event"]].add((version.flow_id, node["id"]))
    return Counted(
        {name: frozenset(found) for name, found in goals.items()},
        {name: frozenset(found) for name, found in arms.items()},
    )
