"""Put a deal of the contact on another stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from engine.flows.mentions import Mention
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, one_of
from engine.steps.form import hints
from engine.steps.moves import Decide, Move
from engine.steps.questions import MoveDeal
from engine.steps.words import Words


@step(
    "move_stage",
    label=Words("Move a deal", "移动商机阶段"),
    help=Words(
        "Put an open deal of the contact on a stage of its pipeline.",
        "将联系人的一个进行中商机移动到其管道的某个阶段。",
    ),
    icon="moving",
    exits=("moved", "no_deal", "refused"),
    exit_labels={
        "moved": Words("moved", "已移动"),
        "no_deal": Words("no open deal", "没有进行中的商机"),
        "refused": Words("not allowed", "不允许"),
    },
)
class MoveStage(Step):
    """A deal that stands there already counts as moved and is left alone. A stage that the deal's
    pipeline does not have is refused.
    """

    stage: Line = Field(
        title="Stage",
        description="The key of the stage.",
        json_schema_extra=hints("阶段", "阶段的标识。", "stage_picker"),
    )
    pipeline: Line | None = Field(
        default=None,
        title="Pipeline",
        description="Only deals of this pipeline, by its key.",
        json_schema_extra=hints("销售管道", "仅限该管道（标识）中的商机。", "pipeline_picker"),
    )
    deal: Annotated[Literal["newest", "biggest"], one_of("newest", "biggest")] = Field(
        default="newest",
        title="Which deal",
        description='"newest", or "biggest" by its amount in the base currency.',
        json_schema_extra=hints(
            "哪个商机", "“newest” 最新，或 “biggest” 按基准货币金额最大。", "deal_choice"
        ),
    )
    lost_reason: Line | None = Field(
        default=None,
        title="Lost because",
        description="Written to the deal where the stage is a lost one.",
        json_schema_extra=hints("丢单原因", "移动到丢单阶段时写入商机。", "text"),
    )

    def mentions(self) -> tuple[Mention, ...]:
        named = self.stage if self.pipeline is None else f"{self.pipeline}/{self.stage}"
        return (Mention("stage", named, ("stage",)),)

    def writes(self) -> Mapping[str, Any]:
        return {"deal.stage": self.stage}

    def summary(self) -> Words:
        return Words(f"to {self.stage}", f"至 {self.stage}")

    def enter(self, here: Place) -> Move:
        return Decide(MoveDeal(self.stage, self.pipeline, self.deal, self.lost_reason))
