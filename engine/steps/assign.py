"""Give the contact, or its newest open deal, an owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from engine.flows.mentions import Mention
from engine.flows.problems import Code, shown
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Line, one_of, refused
from engine.steps.form import hints
from engine.steps.moves import Decide, Move
from engine.steps.questions import AssignOwner
from engine.steps.words import Words

ACCOUNT_OWNER: Final = "account_owner"
_SAID: Final = {
    "round_robin": Words("in turn", "轮流"),
    "least_open": Words("least to do", "待办最少者"),
}


def _person(value: str) -> str:
    name, at, domain = value.partition("@")
    if value == ACCOUNT_OWNER or (at and name and domain and " " not in value):
        return value
    sentence = f'{shown(value)} is nobody; write "account_owner" or the e-mail address of a user.'
    raise refused(Code.UNKNOWN_PERSON, sentence)


@step(
    "assign",
    label=Words("Assign an owner", "分配负责人"),
    help=Words(
        "Give the contact, or its newest open deal, an owner.",
        "为联系人或其最新的进行中商机分配负责人。",
    ),
    icon="assignment_ind",
    exits=("assigned", "nobody"),
    exit_labels={
        "assigned": Words("has an owner", "已有负责人"),
        "nobody": Words("nobody is there", "无人可分配"),
    },
)
class Assign(Step):
    """Inactive users are passed over, and of a team those who are absent. Two flows that assign
    from one team at once take turns: the team's place in the round is kept with the team. Rules are
    the ones published under the name when the run comes here; what nobody can take leaves by
    "nobody" and waits in the queue.
    """

    of: Annotated[Literal["contact", "deal"], one_of("contact", "deal")] = Field(
        default="contact",
        title="What",
        description='"contact", or "deal" for the contact\'s newest open deal.',
        json_schema_extra=hints(
            "对象", "“contact” 联系人，或 “deal” 其最新的进行中商机。", "record_kind"
        ),
    )
    to: Annotated[Line, AfterValidator(_person)] | None = Field(
        default=None,
        title="To",
        description='The e-mail address of a user, or "account_owner".',
        json_schema_extra=hints(
            "指派给", "某位用户的邮箱，或 “account_owner” 表示客户公司的负责人。", "assignee"
        ),
    )
    team: Line | None = Field(
        default=None,
        title="Team",
        description="One of this team's people.",
        json_schema_extra=hints("团队", "该团队中的一位成员。", "team_picker"),
    )
    by_rules: Line | None = Field(
        default=None,
        alias="rules",
        title="Rules",
        description="Whoever these assignment rules choose.",
        json_schema_extra=hints("规则", "由该分配规则选出的人。", "assignment_picker"),
    )
    by: Annotated[Literal["round_robin", "least_open"], one_of(*_SAID)] = Field(
        default="round_robin",
        title="How",
        description='"round_robin", each in turn, or "least_open", who has least open work.',
        json_schema_extra=hints(
            "方式", "“round_robin” 轮流，或 “least_open” 分给未完成工作最少者。", "assign_way"
        ),
    )
    keep: bool = Field(
        default=False,
        strict=True,
        title="Keep an owner",
        description="Whoever has an active owner keeps it.",
        json_schema_extra=hints("保留负责人", "已有在职负责人的保持不变。", "switch"),
    )

    @model_validator(mode="after")
    def _a_person_or_a_team(self) -> Self:
        if [self.to, self.team, self.by_rules].count(None) != 2:
            raise refused(Code.MISSING_KEY, 'say one of "to", a person, "team" or "rules".')
        return self

    def writes(self) -> Mapping[str, Any]:
        field = "owner_id" if self.of == "contact" else "deal.owner_id"
        if self.by_rules is not None:
            return {field: f"rules {self.by_rules}"}
        return {field: self.to or f"team {self.team}"}

    def mentions(self) -> tuple[Mention, ...]:
        if self.by_rules is not None:
            return (Mention("assignment", self.by_rules, ("rules",)),)
        return () if self.team is None else (Mention("team", self.team, ("team",)),)

    def summary(self) -> Words:
        if self.by_rules is not None:
            return Words(f"by {self.by_rules}", f"按 {self.by_rules}")
        if self.team is None:
            return Words(f"{self.to}", f"{self.to}")
        how = _SAID[self.by]
        return Words(f"{self.team}, {how.en}", f"{self.team}，{how.zh}")

    def enter(self, here: Place) -> Move:
        if self.by_rules is not None:
            return Decide(AssignOwner(self.of, "rules", self.by_rules, self.keep))
        if self.team is not None:
            return Decide(AssignOwner(self.of, self.by, self.team, self.keep))
        if self.to == ACCOUNT_OWNER:
            return Decide(AssignOwner(self.of, "account_owner", None, self.keep))
        return Decide(AssignOwner(self.of, "user", self.to, self.keep))
