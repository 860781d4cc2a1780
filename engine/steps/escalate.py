"""Tell one level of people after another until somebody takes it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.effects import ESCALATE, Outcome, Receipt
from engine.flows.mentions import Mention
from engine.flows.problems import Code, SettingProblem
from engine.rules import Catalogue, RecordKind
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, Prose, Slug, SpanText, one_of, refused
from engine.steps.form import hints
from engine.steps.moves import Hold, Leave, Move, Perform, Wait
from engine.steps.notify import NOBODY, text_problems, texts
from engine.steps.people import PEOPLE_EN, PEOPLE_ZH, People, mentioned
from engine.steps.span_words import at_least, span_of, span_words
from engine.steps.words import Words

# The reasons of the receipts by which a case ends for whoever waits; they are the exits too.
ACKNOWLEDGED: Final = "acknowledged"
EXHAUSTED: Final = "exhausted"


class Level(BaseModel):
    """Who is told, and how long after the level before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: People = Field(
        title="To",
        description=PEOPLE_EN,
        json_schema_extra=hints("通知对象", PEOPLE_ZH, "assignee"),
    )
    after: SpanText | None = Field(
        default=None,
        title="After",
        description='How long after the level before, such as "4h"; at once without it.',
        json_schema_extra=hints("间隔", "距上一级多久，例如 “4h”；留空则立即通知。", "span"),
    )


@step(
    "escalate",
    label=Words("Escalate", "逐级上报"),
    help=Words(
        "Tell one level of people after another until somebody takes it up: levels written here, "
        "by the time of the clock, or a policy with working time and duty.",
        "逐级通知，直到有人接手：可在此写明各级（按自然时间），或使用带工作时间和值班的策略。",
    ),
    icon="priority_high",
    exits=(ACKNOWLEDGED, EXHAUSTED),
    exit_labels={
        ACKNOWLEDGED: Words("somebody took it up", "已有人接手"),
        EXHAUSTED: Words("nobody took it up", "无人接手"),
    },
)
class Escalate(Step):
    """A case is opened, or joined where the same is open already; the run waits for it. Levels that
    are written here are a policy of their own: by the time of the clock, each level told once, one
    without anybody passed over at once, and the time after the last one waited out even when there
    was nobody at all, so that a loop around this step cannot go round in an instant. With the name
    of a policy its own rules hold, and a case that is held holds the run with it.
    """

    title: Line = Field(
        title="Title",
        description="A template with the contact's and account's facts.",
        json_schema_extra=hints("标题", "可使用联系人和客户公司字段的模板。", "text"),
    )
    body: Prose | None = Field(
        default=None,
        title="Details",
        description="A template with the contact's and account's facts.",
        json_schema_extra=hints("详情", "可使用联系人和客户公司字段的模板。", "long_text"),
    )
    levels: tuple[Level, ...] = Field(
        default=(),
        max_length=10,
        title="Levels",
        description="Who is told, one level after the other.",
        json_schema_extra=hints("级别", "逐级通知的人员。", "levels"),
    )
    policy: Slug | None = Field(
        default=None,
        title="Policy",
        description="The name of an escalation policy, instead of levels.",
        json_schema_extra=hints("策略", "上报策略的名称，代替各级设置。", "text"),
    )
    about: Annotated[Literal["contact", "ticket"], one_of("contact", "ticket")] = Field(
        default="contact",
        title="About",
        description='"contact", or "ticket" for the ticket of the event that began the run.',
        json_schema_extra=hints(
            "关于", "“contact” 联系人，或 “ticket” 触发流程的事件所属工单。", "record_kind"
        ),
    )
    timeout: SpanText = Field(
        default="1d",
        title="At most",
        description="How long to wait after the last level was told.",
        json_schema_extra=hints("最长等待", "通知最后一级之后最多等待多久。", "span"),
    )

    @model_validator(mode="after")
    def _levels_or_a_policy(self) -> Self:
        if bool(self.levels) == (self.policy is not None):
            raise refused(Code.MISSING_KEY, 'say either "levels" or "policy".')
        return self

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        return text_problems(settings, catalogue)

    def summary(self) -> Words:
        if self.policy is not None:
            return Words(f"by {self.policy}", f"按 {self.policy}")
        count, limit = len(self.levels), span_words(span_of(self.timeout))
        levels = "1 level" if count == 1 else f"{count} levels"
        return Words(f"{levels}, then {limit.en}", f"{count} 级，之后等待 {limit.zh}")

    def mentions(self) -> tuple[Mention, ...]:
        if self.policy is not None:
            return (Mention("escalation_policy", self.policy, ("policy",)),)
        return tuple(
            mention
            for index, level in enumerate(self.levels)
            for mention in mentioned(level.to, ("levels", index, "to"))
        )

    def records(self) -> tuple[RecordKind, ...]:
        return ("contact", "account")

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        """What the levels in between last does not count: they may all be empty."""
        if exit_name == ACKNOWLEDGED or self.policy is not None:
            return timedelta()
        first, last = self.levels[0].after, at_least(span_of(self.timeout))
        return last if first is None else at_least(span_of(first)) + last

    def enter(self, here: Place) -> Move:
        said = texts(self.title, self.body, here)
        if isinstance(said, Hold):
            return said
        about: dict[str, Any] = {} if self.about == "contact" else {"about": self.about}
        if self.policy is not None:
            ask: dict[str, Any] = {"policy": self.policy, "said": said, **about}
            return Perform(ESCALATE, ask, {"policy": self.policy})
        asked = {"levels": [level.model_dump(exclude_none=True) for level in self.levels]}
        ask = {**asked, "timeout": self.timeout, "said": said, **about}
        return Perform(ESCALATE, ask, {"levels": len(self.levels)})

    def time_came(self, here: Place) -> Move:
        """A run that stood here before cases had a clock of their own. Where somebody was told
        there is a case, which has the clock now; else the next level's time has come."""
        done = here.memo.get("next")
        if done is None or here.memo.get("told"):
            return Wait(None, (), here.memo)
        if done >= len(self.levels):
            return Leave(EXHAUSTED, {"levels": len(self.levels), "reason": NOBODY})
        move = self.enter(here)
        if not isinstance(move, Perform):
            return move
        first, *others = move.ask["levels"][done:]
        levels = [{"to": first["to"]}, *others]
        return move._replace(ask={**move.ask, "levels": levels}, again=True)

    def answered(self, here: Place, receipt: Receipt) -> Move:
        """That the case is open, or how it ended."""
        if receipt.reason in (ACKNOWLEDGED, EXHAUSTED):
            return Leave(receipt.reason, dict(receipt.details))
        if receipt.outcome is Outcome.CANNOT:
            said = receipt.details.get("message", "The policy is not there.")
            return Hold("escalation_cannot_begin", f"Nobody was told. {said} Then retry.")
        if receipt.outcome is not Outcome.DONE:
            return Leave(EXHAUSTED, {"reason": receipt.reason})
        case = receipt.details.get("case")
        return Wait(None, (), {"case": case}, {"case": case})
