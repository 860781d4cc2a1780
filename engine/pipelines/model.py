"""A pipeline as people write it: its stages in order, and how deals may move between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.flows.field_types import Count, Line, Slug, SpanText, one_of
from engine.flows.form import hints
from engine.pipelines.actions import Actions, Notify, one_or_several
from engine.steps.people import PEOPLE_EN, PEOPLE_ZH, People

ANY_STAGE: Final = "*"
StageKindName = Annotated[Literal["open", "won", "lost"], one_of("open", "won", "lost")]
CategoryName = Annotated[
    Literal["omitted", "pipeline", "best_case", "commit", "closed"],
    one_of("omitted", "pipeline", "best_case", "commit", "closed"),
]
_CATEGORY_OF: Final[Mapping[str, CategoryName]] = {
    "open": "pipeline",
    "won": "closed",
    "lost": "omitted",
}
_PROBABILITY_OF: Final[Mapping[str, int]] = {"won": 100, "lost": 0}
# A name of a field that must be filled: of the deal, or "contact.phone", "account.country".
FieldNames = Annotated[tuple[Line, ...], BeforeValidator(one_or_several), Field(max_length=30)]


def _origins(value: Any) -> Any:
    return one_or_several(value)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Alert(_Part):
    """What is done when a deal has stood on the stage for so much working time."""

    after: SpanText = Field(
        title="After",
        description="Working time since the deal entered the stage; a day is a working day.",
        json_schema_extra=hints("时限", "自进入该阶段起的工作时间；一天为一个工作日。", "span"),
    )
    then: Actions = Field(
        min_length=1,
        title="Then",
        description="What is done.",
        json_schema_extra=hints("执行", "到时执行的动作。", "cases"),
    )


class StageModel(_Part):
    """A stage. `when` and `needs` are asked of a deal that is to enter it."""

    key: Slug = Field(
        title="Key",
        description="How rules, flows and files name the stage.",
        json_schema_extra=hints("标识", "规则、流程和文件中引用该阶段的名称。", "text"),
    )
    label: Line | None = Field(
        default=None,
        title="Label",
        description="What people call it; the key where it is left out.",
        json_schema_extra=hints("名称", "显示名称；留空则使用标识。", "text"),
    )
    label_zh: Line | None = Field(
        default=None,
        title="Label in Chinese",
        description="For people who read Chinese.",
        json_schema_extra=hints("中文名称", "供中文用户阅读。", "text"),
    )
    kind: StageKindName = Field(
        default="open",
        title="Kind",
        description='"open", "won" or "lost".',
        json_schema_extra=hints("类别", "进行中、赢单或丢单。", "stage_kind"),
    )
    probability: Count | None = Field(
        default=None,
        ge=0,
        le=100,
        title="Probability (%)",
        description="How likely a deal on it is won; won is 100 and lost 0.",
        json_schema_extra=hints("赢单率（%）", "处于该阶段的商机的赢单可能性。", "points"),
    )
    forecast: CategoryName | None = Field(
        default=None,
        title="Forecast category",
        description="Where its deals count in the forecast.",
        json_schema_extra=hints("预测类别", "该阶段的商机计入的预测类别。", "text"),
    )
    when: Any = Field(
        default=None,
        title="Enters only when",
        description="A rule over facts of the deal, its contact and its account.",
        json_schema_extra=hints("进入条件", "基于商机、联系人和客户公司字段的规则。", "rule"),
    )
    needs: FieldNames = Field(
        default=(),
        title="Needs",
        description="Fields that must be filled to enter it.",
        json_schema_extra=hints("必填字段", "进入该阶段必须填写的字段。", "fields"),
    )
    sla: tuple[Alert, ...] = Field(
        default=(),
        max_length=10,
        title="Alerts",
        description="What is done when a deal stands on it for long; each once a stay.",
        json_schema_extra=hints("时限提醒", "停留过久时执行的动作，每次停留各执行一次。", "levels"),
    )
    rot_after: SpanText | None = Field(
        default=None,
        title="Rots after",
        description="Time of the clock without any activity.",
        json_schema_extra=hints("闲置期限", "无任何活动的自然时间。", "span"),
    )
    rotten: Actions = Field(
        default=(Notify(do="notify"),),
        title="When it rots",
        description="What is done; again after the next activity and as long a silence.",
        json_schema_extra=hints("闲置时执行", "闲置时执行的动作；再次活动后重新计时。", "cases"),
    )
    on_enter: Actions = Field(
        default=(),
        title="On entering",
        description="What is done when a deal enters it.",
        json_schema_extra=hints("进入时", "商机进入该阶段时执行的动作。", "cases"),
    )
    on_exit: Actions = Field(
        default=(),
        title="On leaving",
        description="What is done when a deal leaves it.",
        json_schema_extra=hints("离开时", "商机离开该阶段时执行的动作。", "cases"),
    )

    @property
    def title(self) -> str:
        return self.label or self.key.replace("_", " ").capitalize()

    @property
    def probability_percent(self) -> int:
        if self.probability is not None:
            return self.probability
        return _PROBABILITY_OF.get(self.kind, 0)

    @property
    def forecast_category(self) -> str:
        return self.forecast or _CATEGORY_OF[self.kind]

    @property
    def is_open(self) -> bool:
        return self.kind == "open"


class Automatic(_Part):
    """A move that nobody has to make: after so much working time, once a rule holds, or both. By
    hand nobody makes it either; what people may do is a transition of its own."""

    after: SpanText | None = Field(
        default=None,
        title="After",
        description="Working time since the deal entered the stage.",
        json_schema_extra=hints("时限", "自进入该阶段起的工作时间。", "span"),
    )
    when: Any = Field(
        default=None,
        title="Once",
        description="A rule over facts of the deal, its contact and its account.",
        json_schema_extra=hints("条件", "基于商机、联系人和客户公司字段的规则。", "rule"),
    )
    lost_reason: Line | None = Field(
        default=None,
        title="Lost because",
        description="Written to the deal where the stage is a lost one.",
        json_schema_extra=hints("丢单原因", "移动到丢单阶段时写入商机。", "text"),
    )


class TransitionModel(_Part):
    """An allowed move. Of several with the same stages the first that names the mover counts."""

    origins: Annotated[tuple[str, ...], BeforeValidator(_origins), Field(min_length=1)] = Field(
        alias="from",
        title="From",
        description='Stages by key; "*" is every stage.',
        json_schema_extra=hints("从", "起始阶段的标识；“*” 表示所有阶段。", "stage_picker"),
    )
    to: Slug = Field(
        title="To",
        description="A stage by key.",
        json_schema_extra=hints("到", "目标阶段的标识。", "stage_picker"),
    )
    who: Annotated[tuple[People, ...], BeforeValidator(one_or_several), Field(max_length=20)] = (
        Field(
            default=(),
            title="Who",
            description=f"{PEOPLE_EN} Everybody who may edit deals where it is left out.",
            json_schema_extra=hints("操作人", f"{PEOPLE_ZH}留空则所有可编辑商机的人。", "assignee"),
        )
    )
    when: Any = Field(
        default=None,
        title="Only when",
        description="A rule over facts of the deal, its contact and its account.",
        json_schema_extra=hints("条件", "基于商机、联系人和客户公司字段的规则。", "rule"),
    )
    needs: FieldNames = Field(
        default=(),
        title="Needs",
        description="Fields that must be filled, such as lost_reason.",
        json_schema_extra=hints("必填字段", "必须填写的字段，例如 lost_reason。", "fields"),
    )
    approval: Slug | None = Field(
        default=None,
        title="Approval",
        description="The chain that must approve the move before it is made.",
        json_schema_extra=hints("审批链", "移动前须通过的审批链。", "text"),
    )
    automatic: Automatic | None = Field(
        default=None,
        title="By itself",
        description="When the move is made without anybody.",
        json_schema_extra=hints("自动", "何时自动移动。", "cases"),
    )

    def leads_from(self, stage: str) -> bool:
        return stage in self.origins or (ANY_STAGE in self.origins and stage != self.to)


class PipelineModel(_Part):
    """Without transitions every move is allowed, also from closed stages."""

    label_zh: Line | None = Field(
        default=None,
        title="Label in Chinese",
        description="For people who read Chinese.",
        json_schema_extra=hints("中文名称", "供中文用户阅读。", "text"),
    )
    calendar: Line | None = Field(
        default=None,
        title="Calendar",
        description="By which working time is counted; the owner's where it is left out.",
        json_schema_extra=hints(
            "工作日历", "计算工作时间的日历；留空则用负责人的。", "calendar_picker"
        ),
    )
    stages: tuple[StageModel, ...] = Field(
        min_length=1,
        max_length=50,
        title="Stages",
        description="In order.",
        json_schema_extra=hints("阶段", "按顺序排列。", "cases"),
    )
    transitions: tuple[TransitionModel, ...] = Field(
        default=(),
        max_length=200,
        title="Transitions",
        description="The moves that are allowed; every move where none is listed.",
        json_schema_extra=hints("转移", "允许的移动；不填则均允许。", "cases"),
    )
    moved: dict[str, str] = Field(
        default_factory=dict,
        title="Moved",
        description="Where deals go that stand on a stage which is no more: old key, new key.",
        json_schema_extra=hints(
            "迁移", "被移除阶段上的商机移至何处：旧标识、新标识。", "field_values"
        ),
    )
    activity_events: Annotated[
        tuple[Line, ...], BeforeValidator(one_or_several), Field(max_length=50)
    ] = Field(
        default=(),
        title="Signs of life",
        description="Events of the contact that count as activity, beside calls, meetings, notes "
        "and tasks done.",
        json_schema_extra=hints(
            "活动事件", "除通话、会议、笔记和已完成任务外，计为活动的联系人事件。", "fields"
        ),
    )
    imported_clocks: Annotated[
        Literal["since_import", "since_entry"], one_of("since_import", "since_entry")
    ] = Field(
        default="since_import",
        title="Clocks of imported deals",
        description='"since_import", or "since_entry" to count from when a file says they entered.',
        json_schema_extra=hints("导入商机的计时", "从导入时起，或从文件中的进入时间起。", "text"),
    )

    def stage(self, key: str) -> StageModel | None:
        return next((stage for stage in self.stages if stage.key == key), None)
