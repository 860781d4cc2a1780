"""Let the contact into another flow."""

from __future__ import annotations

from pydantic import Field

from engine.flows.mentions import Mention
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Slug
from engine.steps.form import hints
from engine.steps.moves import Decide, Move
from engine.steps.questions import EnterFlow
from engine.steps.words import Words


@step(
    "start_flow",
    label=Words("Start another flow", "启动另一个流程"),
    help=Words(
        "Let the contact into another flow, by that flow's own entry policy.",
        "让联系人进入另一个流程，遵循该流程自身的进入规则。",
    ),
    icon="login",
    exits=("started", "refused"),
    exit_labels={
        "started": Words("entered", "已进入"),
        "refused": Words("not let in", "未能进入"),
    },
)
class StartFlow(Step):
    """The other flow's trigger is not asked; its entry policy and holdout are. Both runs then go on
    by themselves.
    """

    flow: Slug = Field(
        title="Flow",
        description="The name of the other flow.",
        json_schema_extra=hints("流程", "另一个流程的名称。", "flow_picker"),
    )

    def mentions(self) -> tuple[Mention, ...]:
        return (Mention("flow", self.flow, ("flow",)),)

    def summary(self) -> Words:
        return Words(self.flow, self.flow)

    def enter(self, here: Place) -> Move:
        return Decide(EnterFlow(self.flow))
