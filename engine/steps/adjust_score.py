"""Give or take points of the contact's score."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from engine.flows.problems import Code
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Count, refused
from engine.steps.form import hints
from engine.steps.moves import AddToScore, Leave, Move
from engine.steps.words import Words


@step(
    "adjust_score",
    label=Words("Adjust the score", "调整评分"),
    help=Words("Give or take points of the contact's score.", "为联系人的评分加分或减分。"),
    icon="speed",
    exits=("done",),
    exit_labels={"done": Words("done", "完成")},
)
class AdjustScore(Step):
    """The points are added in the moment of the move, to whatever the score is then: two flows that
    adjust at once both count.
    """

    by: Count = Field(
        ge=-10_000,
        le=10_000,
        title="Points",
        description="How many points to add; a negative number takes them away.",
        json_schema_extra=hints("分数", "加多少分；负数表示减分。", "points"),
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.by == 0:
            raise refused(Code.BAD_VALUE, '"by" is 0, which changes nothing.')
        return self

    def computes(self) -> tuple[str, ...]:
        return ("score",)

    def summary(self) -> Words:
        points = "point" if abs(self.by) == 1 else "points"
        return Words(f"{self.by:+d} {points}", f"{self.by:+d} 分")

    def enter(self, here: Place) -> Move:
        return Leave("done", {"by": self.by}, (AddToScore(self.by),))
