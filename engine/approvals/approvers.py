"""Who is asked: one line of a level, and how many of those asked must agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from engine.flows.field_types import refused
from engine.flows.problems import Code, shown

FORM: Final = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
Whose = Literal["requester", "owner"]
WAYS: Final = ("user", "role", "team", "team_head", "manager_of", "field")
OWNER_FIELD: Final = "owner"
_MOST_WEIGHT: Final = 1000


class ManagerOf(BaseModel):
    """The manager of somebody, `levels` up; fewer when the line ends earlier."""

    model_config = FORM

    of: Whose = "requester"
    levels: Annotated[int, Field(strict=True, ge=1, le=10)] = 1


class Approver(BaseModel):
    """One of the ways to say who, and what their word weighs.

    `user` is an e-mail address; `team_head` a team, or the requester's or the owner's one; `field`
    a field of the record that holds a person (`deal.owner_id`, `deal.custom.lawyer`), or "owner".
    With `when` they are asked only if the rule holds of the facts. `deputy` takes over when the
    time of a level is over and its timeout says so. `veto`: this one's refusal ends the level.
    """

    model_config = FORM

    user: Annotated[str, Field(strict=True, max_length=320)] | None = None
    role: Annotated[str, Field(strict=True, max_length=60)] | None = None
    team: Annotated[str, Field(strict=True, max_length=200)] | None = None
    team_head: Annotated[str, Field(strict=True, max_length=200)] | None = None
    manager_of: ManagerOf | None = None
    named_in: Annotated[str, Field(strict=True, max_length=200)] | None = Field(
        default=None, alias="field"
    )
    when: dict[str, Any] | None = None
    weight: Annotated[int, Field(strict=True, ge=1, le=_MOST_WEIGHT)] = 1
    veto: Annotated[bool, Field(strict=True)] = False
    deputy: Annotated[str, Field(strict=True, max_length=320)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Approver:
        given = [way for way in WAYS if getattr(self, "named_in" if way == "field" else way)]
        if len(given) != 1:
            said = " and ".join(given) if given else "nobody"
            raise refused(
                Code.BAD_VALUE,
                f"an approver is said in one way ({', '.join(WAYS)}); this one names {said}.",
            )
        return self


@dataclass(frozen=True, slots=True)
class Quorum:
    """`needed` is a count for "n_of" and a weight for "weighted"; without meaning for the rest."""

    kind: Literal["any", "all", "n_of", "weighted"]
    needed: int = 1

    def enough_of(self, seats: int, weight: int) -> int:
        """The weight of agreement that decides, among so many seats with so much weight together.

        Never more than there is: when people are missing, all who are there must agree.
        """
        if self.kind == "any":
            return 1
        if self.kind == "weighted":
            return max(1, min(self.needed, weight))
        return max(1, seats if self.kind == "all" else min(self.needed, seats))

    @property
    def weighs(self) -> bool:
        return self.kind == "weighted"


def _quorum(value: Any) -> Quorum:
    match value:
        case Quorum():
            return value
        case "any" | "all":
            return Quorum(value)
        case {"n_of": int(count)} if len(value) == 1 and _positive(count):
            return Quorum("n_of", count)
        case {"weighted": {"needed": int(weight)} as inner} if len(value) == len(
            inner
        ) == 1 and _positive(weight):
            return Quorum("weighted", weight)
    raise refused(
        Code.BAD_CHOICE,
        f"{shown(value)} is no quorum; write any, all, {{n_of: 2}} or {{weighted: {{needed: 3}}}} "
        "with a weight at each approver.",
    )


def _positive(number: int) -> bool:
    return number > 0 and not isinstance(number, bool)


QuorumText = Annotated[Any, BeforeValidator(_quorum)]
