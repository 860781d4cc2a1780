"""Somebody entered, left or succeeded in another flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from engine.flows.field_types import Line, Slug, one_of, refused
from engine.flows.form import hints
from engine.flows.mentions import Mention
from engine.flows.problems import Code
from engine.flows.triggers.base import Trigger, all_of, trigger
from engine.flows.words import Words

Moment = Literal["entered", "ended", "goal"]
# The events of a run, of kind "flow"; properties {"flow": name, "outcome": ..., "run_id": ...}.
FLOW_ENTERED: Final = "Flow Entered"
FLOW_ENDED: Final = "Flow Ended"
GOAL_REACHED: Final = "Goal Reached"
FLOW_EVENTS: Final[Mapping[Moment, str]] = {
    "entered": FLOW_ENTERED,
    "ended": FLOW_ENDED,
    "goal": GOAL_REACHED,
}
FLOW_KIND: Final = "flow"
_SAID: Final[Mapping[Moment, tuple[str, str]]] = {
    "entered": ("Enters the flow “{}”", "进入流程“{}”"),
    "ended": ("Leaves the flow “{}”", "离开流程“{}”"),
    "goal": ("Reaches the goal of “{}”", "达成“{}”的目标"),
}


@trigger(
    "flow",
    label=Words("Somebody goes through another flow", "有人经过另一个流程"),
    help=Words(
        "Whoever enters another flow, leaves it or reaches its goal.",
        "进入、离开另一个流程或达成其目标的人。",
    ),
    icon="account_tree",
)
class FlowTrigger(Trigger):
    """The rule may read the run's event: `event.properties.outcome`, `event.properties.run_id`."""

    flow: Slug = Field(
        title="Flow",
        description="The name of the other flow.",
        json_schema_extra=hints("流程", "另一个流程的名称。", "flow_picker"),
    )
    moment: Annotated[Moment, one_of(*FLOW_EVENTS)] = Field(
        default="ended",
        alias="when",
        title="When",
        description='"entered", "ended" or "goal"; "ended" when left out.',
        json_schema_extra=hints(
            "时机", "“entered” 进入、“ended” 离开或 “goal” 达成目标；默认离开。", "flow_moment"
        ),
    )
    outcome: Line | None = Field(
        default=None,
        title="Outcome",
        description="Only runs that ended with this outcome.",
        json_schema_extra=hints("结果", "仅限以此结果结束的运行。", "text"),
    )

    @model_validator(mode="after")
    def _outcomes_are_of_ends(self) -> Self:
        if self.outcome is not None and self.moment != "ended":
            raise refused(Code.BAD_VALUE, '"outcome" speaks of a run that ended; leave it out.')
        return self

    @classmethod
    def written_rules(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    @property
    def starts_on(self) -> str:
        return FLOW_EVENTS[self.moment]

    @property
    def entry_rule(self) -> Any:
        outcome = {"==": [{"var": "event.properties.outcome"}, self.outcome]}
        return all_of(
            {"==": [{"var": "event.kind"}, FLOW_KIND]},
            {"==": [{"var": "event.properties.flow"}, self.flow]},
            None if self.outcome is None else outcome,
        )

    @property
    def only_runs_of(self) -> str:
        return self.flow

    def mentions(self) -> tuple[Mention, ...]:
        return (Mention("flow", self.flow, ("flow",)),)

    def summary(self) -> Words:
        en, zh = _SAID[self.moment]
        ending = "" if self.outcome is None else f" ({self.outcome})"
        return Words(en.format(self.flow) + ending, zh.format(self.flow) + ending)
