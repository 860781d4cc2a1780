"""Another system called in by its hook."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from engine.flows.field_types import Line, refused
from engine.flows.form import hints
from engine.flows.mentions import Mention
from engine.flows.problems import Code, shown
from engine.flows.triggers.base import Trigger, all_of, trigger
from engine.flows.words import Words

# What an event of a hook is called when its sender gives no name.
WEBHOOK_RECEIVED: Final = "Webhook Received"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def hook_source(name: str) -> str:
    """The source of the events that came in by a hook; no write key can have such a name."""
    return f"hook:{name}"


def _source_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        sentence = f"{shown(value)} is no source; use lower-case letters, digits, _ and -."
        raise refused(Code.BAD_NAME, sentence)
    return value


@trigger(
    "webhook",
    label=Words("A webhook comes in", "收到 Webhook"),
    help=Words(
        "Each call of another system by this hook lets its contact in, where the rule holds.",
        "其他系统每次通过该入口调用，都会让相应联系人进入，前提是规则成立。",
    ),
    icon="webhook",
)
class WebhookTrigger(Trigger):
    """Calls of one source and one event name. A source that was made without a name and a place of
    the event calls them all "Webhook Received", which is meant without `event`; every other source
    needs `event` here.
    """

    source: Annotated[Line, AfterValidator(_source_name)] = Field(
        title="Source",
        description="The name of the hook's source.",
        json_schema_extra=hints("来源", "Webhook 来源的名称。", "hook_picker"),
    )
    event: Line | None = Field(
        default=None,
        title="Event",
        description='Its name. Left out: "Webhook Received", of sources that name no events.',
        json_schema_extra=hints(
            "事件",
            "事件名称。留空为 “Webhook Received”，仅适用于不命名事件的来源。",
            "event_picker",
        ),
    )
    when: Any = Field(
        default=None,
        title="Only when",
        description="A rule over the call's properties and the contact.",
        json_schema_extra=hints("仅当", "针对调用内容与联系人的规则。", "rule"),
    )

    @property
    def starts_on(self) -> str:
        return self.event or WEBHOOK_RECEIVED

    @property
    def entry_rule(self) -> Any:
        return all_of({"==": [{"var": "event.source"}, hook_source(self.source)]}, self.when)

    def mentions(self) -> tuple[Mention, ...]:
        return (Mention("hook_source", self.source, ("source",)),)

    def summary(self) -> Words:
        what = self.starts_on
        return Words(f"“{what}” comes in by {self.source}", f"通过 {self.source} 收到“{what}”")
