"""Tell one of our own people something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from engine.effects import NOTIFY, Outcome, Receipt
from engine.flows.mentions import Mention
from engine.flows.problems import SettingProblem
from engine.rendering import RenderFailed
from engine.rules import Catalogue, RecordKind
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, Prose
from engine.steps.form import hints
from engine.steps.moves import Hold, Leave, Move, Perform
from engine.steps.people import PEOPLE_EN, PEOPLE_ZH, People, mentioned
from engine.steps.wording import template_problems, worded
from engine.steps.words import Words

# The reason of a receipt when there is nobody to tell.
NOBODY: Final = "nobody"


@step(
    "notify",
    label=Words("Notify a colleague", "通知同事"),
    help=Words(
        "Tell one of your own people something, by mail and in Cadenza.",
        "通过邮件和系统内消息通知自己的同事。",
    ),
    icon="campaign",
    exits=("sent", "nobody", "failed"),
    exit_labels={
        "sent": Words("told", "已通知"),
        "nobody": Words("there is nobody", "无人可通知"),
        "failed": Words("the mail failed", "邮件发送失败"),
    },
)
class Notify(Step):
    """One mail for each person and visit. It is no message to the contact: consent and caps have no
    say. Where the mail fails, the notice can still be read in Cadenza.
    """

    to: People = Field(
        default="owner",
        title="To",
        description=PEOPLE_EN,
        json_schema_extra=hints("通知对象", PEOPLE_ZH, "assignee"),
    )
    title: Line = Field(
        title="Title",
        description="A template with the contact's and account's facts.",
        json_schema_extra=hints("标题", "可使用联系人和客户公司字段的模板。", "text"),
    )
    body: Prose | None = Field(
        default=None,
        title="Text",
        description="A template with the contact's and account's facts.",
        json_schema_extra=hints("正文", "可使用联系人和客户公司字段的模板。", "long_text"),
    )

    @classmethod
    def catalogue_problems(
        cls, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        return text_problems(settings, catalogue)

    def summary(self) -> Words:
        return Words(f"{self.to}: {self.title}", f"{self.to}：{self.title}")

    def mentions(self) -> tuple[Mention, ...]:
        return mentioned(self.to, ("to",))

    def records(self) -> tuple[RecordKind, ...]:
        return ("contact", "account")

    def enter(self, here: Place) -> Move:
        said = texts(self.title, self.body, here)
        if isinstance(said, Hold):
            return said
        return Perform(NOTIFY, {"to": self.to, "said": said}, {"to": self.to})

    def answered(self, here: Place, receipt: Receipt) -> Move:
        why: dict[str, Any] = {"outcome": receipt.outcome.value, "to": self.to}
        if receipt.reason is not None:
            why["reason"] = receipt.reason
        if "told" in receipt.details:
            why["told"] = receipt.details["told"]
        if receipt.outcome in (Outcome.DONE, Outcome.MAYBE_DONE):
            return Leave("sent", why)
        return Leave("nobody" if receipt.reason == NOBODY else "failed", why)


def texts(title: str, body: str | None, here: Place) -> dict[str, str] | Hold:
    """What is told, as the facts of this moment have it."""
    try:
        return {"title": worded(title, here), "body": worded(body, here) if body else ""}
    except RenderFailed as failure:
        return Hold("task_text_failed", f"The text of this node cannot be written: {failure}")


def text_problems(settings: Mapping[str, Any], catalogue: Catalogue) -> list[SettingProblem]:
    return [
        problem
        for key in ("title", "body")
        if isinstance(source := settings.get(key), str)
        for problem in template_problems(key, source, catalogue)
    ]
