"""The ticket policy as people write it: one document for the whole house, versions kept."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.flows.field_types import Line, Slug, SpanText, one_of, refused
from engine.flows.problems import Code
from engine.rules.standard_facts import TICKET_PRIORITIES

Priority = Literal["low", "normal", "high", "urgent"]
# In place of a calendar: day and night.
CLOCK_TIME: Final = "always"
MOST_RULES: Final = 50
MOST_ALERTS: Final = 5


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Targets(_Form):
    """In how much working time a ticket is answered first, and solved; None promises nothing."""

    response: SpanText | None = None
    resolution: SpanText | None = None


class PriorityRule(_Form):
    """`when` is a rule over the ticket, its contact and its account."""

    when: Any
    priority: Annotated[Priority, one_of(*TICKET_PRIORITIES)]
    label: Line | None = None


class OnBreach(_Form):
    """Escalation policies by name, opened when a clock has run out."""

    response: Slug | None = None
    resolution: Slug | None = None


class Survey(_Form):
    """Nobody is asked again within `every`, nor can answer later than `within` after the ticket was
    closed. A score of `low` or less opens a case of the escalation policy `escalate`."""

    low: Annotated[int, Field(strict=True, ge=1, le=4)] = 2
    escalate: Slug | None = None
    every: SpanText = "7d"
    within: SpanText = "30d"


class TicketPolicy(_Form):
    """`calendar` names the working hours that count; the default one when left out, "always" for
    day and night. `alerts` are percents of a target at which the owner is told. `team` is told of
    what belongs to nobody. `assign` names assignment rules.
    """

    calendar: Line | None = None
    targets: dict[Annotated[Priority, one_of(*TICKET_PRIORITIES)], Targets] = Field(
        default_factory=dict
    )
    alerts: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=1, le=99)], ...], Field(max_length=MOST_ALERTS)
    ] = (75,)
    priorities: Annotated[tuple[PriorityRule, ...], Field(max_length=MOST_RULES)] = ()
    assign: Slug | None = None
    team: Line | None = None
    on_breach: OnBreach = Field(default_factory=OnBreach)
    survey: Survey | None = None
    dedupe_within: SpanText = "3d"
    reopen_within: SpanText = "14d"
    close_after: SpanText = "5d"

    @model_validator(mode="after")
    def _alerts_once(self) -> Self:
        if len(set(self.alerts)) < len(self.alerts):
            raise refused(Code.BAD_VALUE, '"alerts" names a percentage twice.')
        return self
