"""Splits whose arms are compared: how they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.goals import GoalVersion, versions_that_count
from crm_store.splits import WinnerRow, count_arms, standing, winner_rows
from engine.measuring import METHOD, Arm, Evidence, evidence_of
from engine.services.plans import ActiveFlow
from engine.steps.split import Split
from engine.steps.winner import WinnerRule

BY_HAND: Final = "hand"
# What makes two versions of a split one comparison: the same chance, and the same thing counted.
_SAME: Final = ("metric", "event", "node", "exit")


@dataclass(frozen=True, slots=True)
class Contest:
    """`holdout` are the arms that are counted beside those that may win. `won` is the decision that
    holds; `rests` says that one was withdrawn, so that none is taken without a person again.
    """

    flow_id: int
    flow: str
    node: str
    rule: WinnerRule
    arms: tuple[Arm, ...]
    holdout: tuple[Arm, ...]
    evidence: Evidence
    won: WinnerRow | None
    rests: bool

    @property
    def is_open(self) -> bool:
        """Whether the test may decide."""
        return self.won is None and not self.rests and self.rule.by != BY_HAND

    def document(self) -> dict[str, Any]:
        """The evidence as it is kept with a decision."""
        found = self.evidence
        return {
            "method": METHOD,
            "metric": self.rule.settings(),
            "arms": [_arm(arm) for arm in (*self.arms, *self.holdout)],
            "leader": found.leader,
            "against": round(found.against, 6),
            "needed": round(found.needed, 6),
        }


async def contests_of(session: AsyncSession, flow: ActiveFlow) -> list[Contest]:
    """The comparisons of a flow's published version; a handful of statements for each."""
    if not flow.plan.contests:
        return []
    versions = [one for one in await versions_that_count(session) if one.flow_id == flow.id]
    decided = await winner_rows(session, flow.id)
    return [
        await _contest(session, flow, node, split, versions, decided)
        for node, split in flow.plan.contests.items()
    ]


async def _contest(
    session: AsyncSession,
    flow: ActiveFlow,
    node: str,
    split: Split,
    versions: Sequence[GoalVersion],
    decided: Sequence[WinnerRow],
) -> Contest:
    rule = split.winner
    if rule is None:
        raise ValueError(f'the arms of "{node}" are not compared')
    alike = [v.version_id for v in versions if _is_alike(v, node, split, rule)]
    counted = {row.arm: row for row in await count_arms(session, flow.id, node, alike)}
    names = {arm.name for arm in split.contestants()}
    arms = tuple(_counted(arm.name, arm.weight, counted) for arm in split.contestants())
    holdout = tuple(
        _counted(arm.name, arm.weight, counted) for arm in split.arms if arm.name not in names
    )
    evidence = evidence_of(arms, confidence=rule.confidence / 100, least=rule.minimum)
    mine = [row for row in decided if row.node == node and {*row.arms} == names]
    won = standing(mine).get(node)
    return Contest(
        flow.id, flow.name, node, rule, arms, holdout, evidence, won, bool(mine) and won is None
    )


def _is_alike(version: GoalVersion, node: str, split: Split, rule: WinnerRule) -> bool:
    """Whether chance parted people in that version as it does now, and the same was counted."""
    for stored in version.definition["nodes"]:
        if stored["id"] != node or stored["do"] != "split":
            continue
        then = Split.read(stored["settings"])
        if then.winner is None or {*then.arms} != {*split.arms}:
            return False
        return all(getattr(then.winner, name) == getattr(rule, name) for name in _SAME)
    return False


def _counted(name: str, weight: int, counted: Mapping[str, Any]) -> Arm:
    row = counted.get(name)
    return Arm(name, weight, row.people, row.reached) if row else Arm(name, weight, 0, 0)


def _arm(arm: Arm) -> dict[str, Any]:
    return {"name": arm.name, "weight": arm.weight, "people": arm.people, "reached": arm.reached}


def contests_among(flows: Iterable[ActiveFlow]) -> list[ActiveFlow]:
    """The flows in which arms are compared."""
    return [flow for flow in flows if flow.plan.contests]
