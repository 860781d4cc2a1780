"""How the arms of a split are compared, and when one of them has won."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.flows.field_types import one_of
from engine.flows.problems import Code
from engine.steps.field_types import Count, Line, Slug, refused
from engine.steps.form import hints

Metric = Literal["goal", "event", "exit"]
By = Literal["sequential", "hand"]
METRICS: Final[tuple[Metric, ...]] = ("goal", "event", "exit")
_NEEDS: Final[Mapping[Metric, frozenset[str]]] = {
    "goal": frozenset(),
    "event": frozenset({"event"}),
    "exit": frozenset({"node", "exit"}),
}


class WinnerRule(BaseModel):
    """People of each arm who reach the goal, have an event, or leave a node by an exit, counted
    once each, after they came into the arm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Annotated[Metric, one_of(*METRICS)] = Field(
        title="Compare by",
        description='"goal" of the flow, an "event", or an "exit" of a node.',
        json_schema_extra=hints(
            "比较依据", "流程的 “goal”、某个 “event” 或节点的 “exit”。", "text"
        ),
    )
    event: Line | None = Field(
        default=None,
        title="Event",
        description="The event that counts.",
        json_schema_extra=hints("事件", "计入的事件。", "event_picker"),
    )
    node: Slug | None = Field(
        default=None,
        title="Node",
        description="The node whose exit counts.",
        json_schema_extra=hints("节点", "其出口被计入的节点。", "text"),
    )
    exit: Slug | None = Field(
        default=None,
        title="Exit",
        description="The exit that counts.",
        json_schema_extra=hints("出口", "计入的出口。", "text"),
    )
    by: Annotated[By, one_of("sequential", "hand")] = Field(
        default="sequential",
        title="Decided by",
        description='"sequential": by itself as soon as chance cannot explain the difference; '
        '"hand": by a person.',
        json_schema_extra=hints(
            "决定方式", "“sequential”：差异无法用偶然解释时自动决定；“hand”：由人决定。", "text"
        ),
    )
    minimum: Count = Field(
        default=100,
        ge=1,
        le=10_000_000,
        title="Least people",
        description="How many people each arm must have before one can win.",
        json_schema_extra=hints("最少人数", "每个分支至少有这么多人后才能决出胜者。", "weight"),
    )
    confidence: Count = Field(
        default=95,
        ge=50,
        le=99,
        title="Confidence",
        description="In percent: how sure it must be that the winner is better.",
        json_schema_extra=hints("置信度", "以百分比表示胜者更优的把握。", "weight"),
    )

    @model_validator(mode="after")
    def _says_what_counts(self) -> Self:
        said = {name for name in ("event", "node", "exit") if getattr(self, name) is not None}
        needed = _NEEDS[self.metric]
        if missing := sorted(needed - said):
            raise refused(Code.MISSING_KEY, f'"{self.metric}" needs {" and ".join(missing)}.')
        if more := sorted(said - needed):
            raise refused(
                Code.BAD_VALUE, f'"{self.metric}" does not take {" and ".join(more)}; leave it out.'
            )
        return self

    def settings(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)
