"""Tell one level of people after another until somebody takes it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from engine.effects import ESCALATE, Receipt
from engine.flows.mentions import Mention
from engine.flows.problems import SettingProblem
from engine.local_time import add_span
from engine.rules import Catalogue, RecordKind
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, Prose, SpanText
from engine.steps.form import hints
from engine.steps.moves import Hold, Leave, Move, Perform, Wait
from engine.steps.notify import NOBODY, text_problems, texts
from engine.steps.people import PEOPLE_EN, PEOPLE_ZH, People, mentioned
from engine.steps.span_words import at_least, span_of, span_words
from engine.steps.words import Words

# The reason of the receipt with which an acknowledgement comes; it is the exit too.
ACKNOWLEDGED: Final = "acknowledged"


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
        "Tell one level of people after another until somebody takes it up. Time of the clock for "
        "now; policies with duty hours will come.",
        "逐级通知，直到有人接手。目前按自然时间计算；带值班时间的策略将在以后提供。",
    ),
    icon="priority_high",
    exits=("acknowledged", "exhausted"),
    exit_labels={
        "acknowledged": Words("somebody took it up", "已有人接手"),
        "exhausted": Words("nobody took it up", "无人接手"),
    },
)
class Escalate(Step):
    """Each level is told once. A level in which there is nobody is passed over at once, but the
    time after the last one is waited out even when there was nobody at all: a loop around this step
    cannot go round in an instant.

    The memo is the whole of its state: `case` is the visit of the first level, `next` the level to
    be told, `since` when the one before was told, `asked` whether any was asked about, `told`
    whether anybody was there.
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
        min_length=1,
        max_length=10,
        title="Levels",
        description="Who is told, one level after the other.",
        json_schema_extra=hints("级别", "逐级通知的人员。", "levels"),
    )
    timeout: SpanText = Field(
        default="1d",
        title="At most",
        description="How long to wait after the last level was told.",
        json_schema_extra=hints("最长等待", "通知最后一级之后最多等待多久。", "span"),
    )

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        return text_problems(settings, catalogue)

    def summary(self) -> Words:
        count, limit = len(self.levels), span_words(span_of(self.timeout))
        levels = "1 level" if count == 1 else f"{count} levels"
        return Words(f"{levels}, then {limit.en}", f"{count} 级，之后等待 {limit.zh}")

    def mentions(self) -> tuple[Mention, ...]:
        return tuple(
            mention
            for index, level in enumerate(self.levels)
            for mention in mentioned(level.to, ("levels", index, "to"))
        )

    def records(self) -> tuple[RecordKind, ...]:
        return ("contact", "account")

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        """What the levels in between last does not count: they may all be empty."""
        if exit_name == ACKNOWLEDGED:
            return timedelta()
        first, last = self.levels[0].after, at_least(span_of(self.timeout))
        return last if first is None else at_least(span_of(first)) + last

    def enter(self, here: Place) -> Move:
        return self._next(here, {"case": here.visit, "next": 0, "since": here.now.isoformat()})

    def time_came(self, here: Place) -> Move:
        if here.memo["next"] >= len(self.levels):
            return self._exhausted(here.memo)
        return self._tell(here, here.memo)

    def answered(self, here: Place, receipt: Receipt) -> Move:
        """Either what became of telling a level, or the acknowledgement."""
        if receipt.reason == ACKNOWLEDGED:
            return Leave(ACKNOWLEDGED, dict(receipt.details))
        if receipt.reason != NOBODY:
            return self._next(here, {**here.memo, "told": True})
        if here.memo["next"] < len(self.levels):
            return self._tell(here, here.memo)
        return self._next(here, here.memo)

    def _next(self, here: Place, memo: Mapping[str, Any]) -> Move:
        """Tell the next level when its time has come; after the last one, wait for the answer."""
        since, index = datetime.fromisoformat(memo["since"]), memo["next"]
        last = index >= len(self.levels)
        after = self.timeout if last else self.levels[index].after
        if after is None:
            return self._tell(here, memo)
        until = add_span(since, span_of(after), here.zone)
        why: dict[str, Any] = {"level": index, "levels": len(self.levels)}
        told_nobody = last and not memo.get("told")
        return Wait(until, (), memo, why | {"reason": NOBODY} if told_nobody else why)

    def _tell(self, here: Place, memo: Mapping[str, Any]) -> Move:
        said = texts(self.title, self.body, here)
        if isinstance(said, Hold):
            return said
        index = memo["next"]
        to = self.levels[index].to
        ask = {"to": to, "level": index + 1, "case": memo["case"], "said": said}
        after = {**memo, "next": index + 1, "since": here.now.isoformat(), "asked": True}
        why = {"to": to, "level": index + 1, "levels": len(self.levels)}
        return Perform(ESCALATE, ask, why, memo=after, again=bool(memo.get("asked")))

    def _exhausted(self, memo: Mapping[str, Any]) -> Leave:
        why: dict[str, Any] = {"levels": len(self.levels)}
        return Leave("exhausted", why if memo.get("told") else why | {"reason": NOBODY})
