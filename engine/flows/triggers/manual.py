"""People enter by hand or through the API."""

from __future__ import annotations

from typing import Any

from engine.flows.triggers.base import Trigger, trigger
from engine.flows.words import Words


@trigger(
    "manual",
    label=Words("Added by hand or by the API", "手动或通过接口添加"),
    help=Words(
        "Nobody enters by themselves: people and other systems add them.",
        "不会自动进入，由人员或其他系统加入。",
    ),
    icon="touch_app",
)
class ManualTrigger(Trigger):
    """Nothing starts it, so nothing has to be said."""

    def stored(self) -> dict[str, Any]:
        return {"on": self.on, "event": None, "when": None}

    @classmethod
    def from_stored(cls, stored: Any) -> ManualTrigger:
        return cls()
