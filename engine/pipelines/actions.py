"""What a pipeline has done when a deal enters or leaves a stage, waits too long or rots."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.flows.field_types import Line, Prose, Slug, SpanText, one_of
from engine.flows.form import hints
from engine.steps.people import PEOPLE_EN, PEOPLE_ZH, People

UrgencyName = Annotated[
    Literal["low", "normal", "high", "urgent"], one_of("low", "normal", "high", "urgent")
]
_TEXT_EN = "A template with facts of the deal, its contact and its account."
_TEXT_ZH = "可使用商机、联系人和客户公司字段的模板。"


def one_or_several(value: Any) -> Any:
    """A single name may stand without a list around it."""
    return (value,) if isinstance(value, str) else value


SomePeople = Annotated[
    tuple[People, ...], BeforeValidator(one_or_several), Field(min_length=1, max_length=20)
]


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Worded(_Action):
    """Without a title what happened is said in Cadenza's own words."""

    title: Line | None = Field(
        default=None,
        title="Title",
        description=_TEXT_EN,
        json_schema_extra=hints("标题", _TEXT_ZH, "text"),
    )
    title_zh: Line | None = Field(
        default=None,
        title="Title in Chinese",
        description="For people who read Chinese; the other title where it is left out.",
        json_schema_extra=hints("中文标题", "供中文用户阅读；留空则使用原标题。", "text"),
    )
    body: Prose | None = Field(
        default=None,
        title="Text",
        description=_TEXT_EN,
        json_schema_extra=hints("正文", _TEXT_ZH, "long_text"),
    )
    body_zh: Prose | None = Field(
        default=None,
        title="Text in Chinese",
        description="For people who read Chinese.",
        json_schema_extra=hints("中文正文", "供中文用户阅读。", "long_text"),
    )

    @property
    def texts(self) -> dict[str, str]:
        """The templates by the name of their field."""
        named = {
            "title": self.title,
            "title_zh": self.title_zh,
            "body": self.body,
            "body_zh": self.body_zh,
        }
        return {name: text for name, text in named.items() if text is not None}


class Notify(_Worded):
    """Tell our own people. Whoever is absent is told through their deputy; where nobody is left,
    the sales managers are told."""

    do: Literal["notify"]
    to: SomePeople = Field(
        default=("owner",),
        title="To",
        description=PEOPLE_EN,
        json_schema_extra=hints("通知对象", PEOPLE_ZH, "assignee"),
    )
    urgency: UrgencyName = Field(
        default="normal",
        title="Urgency",
        description="By which ways a person is told is chosen by the urgency.",
        json_schema_extra=hints("紧急程度", "按紧急程度选择通知方式。", "priority"),
    )


class CreateTask(_Worded):
    """Give somebody something to do about the deal."""

    do: Literal["create_task"]
    assign: People = Field(
        default="owner",
        title="Assigned to",
        description=PEOPLE_EN,
        json_schema_extra=hints("指派给", PEOPLE_ZH, "assignee"),
    )
    due: SpanText | None = Field(
        default=None,
        title="Due in",
        description='How much working time the person has, such as "1d".',
        json_schema_extra=hints("期限", "以工作时间计的期限，例如 “1d”。", "span"),
    )


class UpdateDeal(_Action):
    """Write fields of the deal; null empties a field."""

    do: Literal["update_deal"]
    values: dict[str, Any] = Field(
        alias="set",
        min_length=1,
        max_length=50,
        title="Fields",
        description="Names of fields with their new values; null empties a field.",
        json_schema_extra=hints("字段", "字段名及其新值；null 表示清空。", "field_values"),
    )


class StartFlow(_Action):
    """Let the deal's contact into a flow. A deal without a contact skips it and says so."""

    do: Literal["start_flow"]
    flow: Slug = Field(
        title="Flow",
        description="Its entry policy has the last word.",
        json_schema_extra=hints("流程", "是否允许进入由该流程的进入规则决定。", "flow_picker"),
    )


class Escalate(_Worded):
    """Open a case about the deal, or add to the one that is open."""

    do: Literal["escalate"]
    policy: Slug = Field(
        title="Policy",
        description="The escalation policy.",
        json_schema_extra=hints("升级策略", "所用的升级策略。", "text"),
    )
    urgency: UrgencyName = Field(
        default="high",
        title="Urgency",
        description="How urgent the case is.",
        json_schema_extra=hints("紧急程度", "该升级事项的紧急程度。", "priority"),
    )


class Assign(_Action):
    """Give the deal an owner by assignment rules."""

    do: Literal["assign"]
    rules: Slug = Field(
        title="Rules",
        description="The assignment rules that choose the owner.",
        json_schema_extra=hints("分配规则", "用于选择负责人的分配规则。", "text"),
    )


Action: TypeAlias = Annotated[
    Notify | CreateTask | UpdateDeal | StartFlow | Escalate | Assign, Field(discriminator="do")
]
Actions: TypeAlias = Annotated[tuple[Action, ...], Field(max_length=20)]
