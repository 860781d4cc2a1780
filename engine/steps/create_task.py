"""Give a person something to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.flows.problems import SettingProblem
from engine.local_time import add_span
from engine.rendering import RenderFailed
from engine.rules import Catalogue, RecordKind
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Assignee, Line, Prose, SpanText
from engine.steps.form import hints
from engine.steps.moves import AddTask, Hold, Leave, Move
from engine.steps.span_words import span_of, span_words
from engine.steps.wording import template_problems, worded
from engine.steps.words import Words


class Assign(BaseModel):
    """Who gets the task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Assignee = Field(
        default="owner",
        title="To",
        description='"owner" for the owner of the contact, or the e-mail address of a user.',
        json_schema_extra=hints(
            "指派给", "“owner” 表示联系人的负责人，或填写某位用户的邮箱。", "assignee"
        ),
    )


@step(
    "create_task",
    label=Words("Create a task", "创建任务"),
    help=Words("Give a person something to do.", "给一位同事安排一项任务。"),
    icon="task_alt",
    exits=("done",),
    exit_labels={"done": Words("done", "完成")},
)
class CreateTask(Step):
    """The task is written together with the move to the next node: both happen or neither.

    The run goes on at once; it does not wait until somebody did the task.
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
    due: SpanText | None = Field(
        default=None,
        title="Due in",
        description='How much time the person has, such as "1d".',
        json_schema_extra=hints("期限", "任务的完成时限，例如 “1d”。", "span"),
    )
    assign: Assign = Field(
        default_factory=Assign,
        title="Assigned to",
        description="The person who gets the task.",
        json_schema_extra=hints("指派", "由谁处理该任务。", "assignee"),
    )

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        return [
            problem
            for key in ("title", "body")
            if isinstance(source := settings.get(key), str)
            for problem in template_problems(key, source, catalogue)
        ]

    def summary(self) -> Words:
        if self.due is None:
            return Words(self.title, self.title)
        limit = span_words(span_of(self.due))
        return Words(f"{self.title}, due in {limit.en}", f"{self.title}，期限 {limit.zh}")

    def records(self) -> tuple[RecordKind, ...]:
        return ("contact", "account")

    def enter(self, here: Place) -> Move:
        try:
            title = worded(self.title, here)
            body = worded(self.body, here) if self.body else None
        except RenderFailed as failure:
            return Hold("task_text_failed", f"The task of this node cannot be written: {failure}")
        due_at = add_span(here.now, span_of(self.due), here.zone) if self.due else None
        task = AddTask(title, body, due_at, self.assign.to)
        why = {"assign_to": self.assign.to, "due_at": due_at.isoformat() if due_at else None}
        return Leave("done", why, (task,))
