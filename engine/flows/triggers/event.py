"""Something happened."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.flows.field_types import Line
from engine.flows.form import hints
from engine.flows.triggers.base import Trigger, all_of, trigger
from engine.flows.triggers.own_events import KIND_OF_OURS
from engine.flows.words import Words


@trigger(
    "event",
    label=Words("An event happens", "发生事件"),
    help=Words(
        "Each event of this name lets its contact in, where the rule holds.",
        "每个同名事件都会让相应联系人进入，前提是规则成立。",
    ),
    icon="bolt",
)
class EventTrigger(Trigger):
    """The rule may read the event and the contact. What Cadenza tells of itself, such as "Score
    Threshold Reached", is believed from nobody else.
    """

    event: Line = Field(
        title="Event",
        description="The name of the event, exactly as it is sent.",
        json_schema_extra=hints("事件", "事件名称，须与发送时完全一致。", "event_picker"),
    )
    when: Any = Field(
        default=None,
        title="Only when",
        description="A rule over the event and the contact.",
        json_schema_extra=hints("仅当", "针对事件与联系人的规则。", "rule"),
    )

    @property
    def starts_on(self) -> str:
        return self.event

    @property
    def entry_rule(self) -> Any:
        kind = KIND_OF_OURS.get(self.event)
        return all_of(None if kind is None else {"==": [{"var": "event.kind"}, kind]}, self.when)

    def summary(self) -> Words:
        return Words(f"“{self.event}” happens", f"发生“{self.event}”")

    def stored(self) -> dict[str, Any]:
        return {"on": self.on, "event": self.event, "when": self.when}
