"""Stay until something happens, for a limited time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from engine.local_time import add_span
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, SpanText
from engine.steps.form import hints
from engine.steps.moves import Leave, Move, Wait
from engine.steps.span_words import at_least, span_of, span_words
from engine.steps.spelled import spelled
from engine.steps.words import Words


@step(
    "wait_for",
    label=Words("Wait for an event", "等待事件"),
    help=Words(
        "Stay until an event of the contact comes, or until the time is over.",
        "停留直到联系人触发某个事件，或等待时间结束。",
    ),
    icon="notifications_active",
    exits=("happened", "timed_out"),
    exit_labels={
        "happened": Words("it happened", "事件发生"),
        "timed_out": Words("time is over", "等待超时"),
    },
)
class WaitFor(Step):
    """An event that the rule does not accept changes nothing: the first deadline stays.

    What counts is when the event happened, not when we heard of it: an event after the deadline is
    too late even when the run has not yet been moved on, one before it is in time.
    """

    event: Line = Field(
        title="Event",
        description="The name of the event, exactly as it is sent.",
        json_schema_extra=hints("事件", "事件名称，须与发送时完全一致。", "event_picker"),
    )
    when: Any = Field(
        default=None,
        title="Only when",
        description="A rule over the event and the contact. Other events of this name are ignored.",
        json_schema_extra=hints(
            "仅当", "针对事件与联系人的规则；不符合规则的同名事件会被忽略。", "rule"
        ),
    )
    timeout: SpanText = Field(
        title="At most",
        description='How long to wait, such as "5d" or "2w".',
        json_schema_extra=hints("最长等待", "最多等待多久，例如 “5d” 或 “2w”。", "span"),
    )

    def summary(self) -> Words:
        limit = span_words(span_of(self.timeout))
        return Words(f"{self.event}, at most {limit.en}", f"{self.event}，最长 {limit.zh}")

    def rules(self) -> Mapping[str, Any]:
        return self.written_rules({"when": self.when})

    @classmethod
    def written_rules(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        return {} if settings.get("when") is None else {"when": settings["when"]}

    @classmethod
    def rule_reads_event(cls, key: str) -> bool:
        return True

    def listens_to(self) -> tuple[str, ...]:
        return (self.event,)

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        return timedelta() if exit_name == "happened" else at_least(span_of(self.timeout))

    def enter(self, here: Place) -> Move:
        deadline = add_span(here.now, span_of(self.timeout), here.zone)
        why = {"event": self.event, "timeout": self.timeout, "until": spelled(deadline)}
        return self._stay(deadline, why)

    def time_came(self, here: Place) -> Move:
        return Leave("timed_out", {"event": self.event, "until": here.memo["deadline"]})

    def happened(self, here: Place) -> Move:
        deadline = datetime.fromisoformat(here.memo["deadline"])
        event = here.facts["event"] or {}
        occurred_at = event.get("occurred_at") or here.now
        if occurred_at >= deadline:
            return Leave("timed_out", {"event": self.event, "until": spelled(deadline)})
        why: dict[str, Any] = {"event": self.event, "occurred_at": occurred_at.isoformat()}
        if self.when is None:
            return Leave("happened", why)
        held = here.holds("when")
        why |= {"held": held, "rule": here.because("when")}
        return Leave("happened", why) if held else self._stay(deadline, why)

    def _stay(self, deadline: datetime, why: Mapping[str, Any]) -> Wait:
        return Wait(deadline, (self.event,), {"deadline": spelled(deadline)}, why)
