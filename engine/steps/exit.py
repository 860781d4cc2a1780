"""End the run."""

from __future__ import annotations

from pydantic import Field

from engine.steps.base import Place, Step, step
from engine.steps.field_types import Slug
from engine.steps.form import hints
from engine.steps.moves import End, Move
from engine.steps.words import Words


@step(
    "exit",
    label=Words("End", "结束"),
    help=Words("The run is over.", "流程到此结束。"),
    icon="flag",
    exits=(),
    exit_labels={},
)
class Exit(Step):
    """The outcome is what figures are counted by; it has no meaning of its own."""

    outcome: Slug = Field(
        default="done",
        title="Outcome",
        description='A name for figures, such as "done" or "won_back".',
        json_schema_extra=hints("结果", "用于统计的名称，例如 done 或 won_back。", "text"),
    )

    def summary(self) -> Words:
        return Words(self.outcome, self.outcome)

    def enter(self, here: Place) -> Move:
        return End(self.outcome)
