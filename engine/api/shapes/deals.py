"""Deals and pipelines as the API speaks of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from engine.api.shapes.common import Given, Page, ProblemItem, Shown

KEY = r"^[a-z][a-z0-9_]{0,62}$"
_Stage = Annotated[str, Field(pattern=KEY, examples=["talk", "won"])]
_Pipeline = Annotated[str, Field(pattern=KEY, examples=["sales"])]
DealId = Annotated[int, Field(ge=1, le=2**62)]


class AmountGiven(Given):
    """In the smallest unit of the currency: 1250.00 EUR is 125000."""

    minor: Annotated[int, Field(ge=0, le=2**53)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]


class DealFields(Given):
    """What is left out stays as it is; null empties a field."""

    name: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    external_id: Annotated[str, Field(max_length=200)] | None = None
    amount: AmountGiven | None = None
    expected_close_on: date | None = None
    forecast_category: Literal["omitted", "pipeline", "best_case", "commit", "closed"] | None = None
    contact_id: DealId | None = None
    account_id: DealId | None = None
    owner_id: DealId | None = None
    product_id: DealId | None = None
    lost_reason: Annotated[str, Field(max_length=10_000)] | None = None
    custom: dict[str, Any] | None = None

    def said(self) -> dict[str, Any]:
        """The fields that were sent."""
        given = self.model_dump(mode="json", exclude_unset=True)
        if given.get("custom", {}) is None:
            del given["custom"]
        return given


class DealGiven(Given):
    """`pipeline` may be left out where there is one only, `stage` for its first open one."""

    fields: DealFields
    pipeline: _Pipeline | None = None
    stage: _Stage | None = None


class DealChange(Given):
    fields: DealFields


class MoveGiven(Given):
    """`from` is where the caller has seen the deal: if it stands elsewhere by now, it is not moved.
    `fields` are written with the move."""

    to: _Stage
    seen_on: Annotated[_Stage | None, Field(alias="from")] = None
    fields: DealFields = Field(default_factory=DealFields)
    lost_reason: Annotated[str, Field(max_length=10_000)] | None = None


class ManyMovesGiven(Given):
    """Several deals to one stage."""

    deal_ids: Annotated[list[DealId], Field(min_length=1, max_length=500)]
    to: _Stage
    fields: DealFields = Field(default_factory=DealFields)
    lost_reason: Annotated[str, Field(max_length=10_000)] | None = None


class Amount(Shown):
    minor: int
    currency: str


class DealLine(Shown):
    """`due_at` is when its clocks are looked at next, `request_id` what a move waits for."""

    id: int
    external_id: str | None
    name: str
    pipeline: str
    stage: str
    stage_label: str
    stage_label_zh: str | None
    stage_kind: str
    probability_percent: int
    forecast_category: str
    amount: Amount | None
    amount_base_minor: int | None
    contact_id: int | None
    account_id: int | None
    account: str | None
    owner_id: int | None
    owner: str | None
    product_id: int | None
    product: str | None
    expected_close_on: date | None
    opened_at: datetime
    stage_entered_at: datetime
    closed_at: datetime | None
    lost_reason: str | None
    custom: dict[str, Any]
    updated_at: datetime
    due_at: datetime | None
    request_id: int | None


class DealPage(Page):
    items: list[DealLine]


class PossibleMove(Shown):
    """`problems` are what stands against the move as the deal is now; `approval` is the chain that
    must agree."""

    to: str
    label: str
    label_zh: str | None
    kind: str
    approval: str | None
    problems: list[ProblemItem]


class DealShown(DealLine):
    """`moves` are the stages the caller may move it to; `editable` null: nothing is locked."""

    moves: list[PossibleMove]
    editable: list[str] | None


class MoveShown(Shown):
    """`outcome` says which of the others are there: `request_id` while the move waits for its
    approval, `problems` for a refusal, which leaves the deal on `stage`."""

    deal_id: int
    outcome: Literal["moved", "already_there", "awaits_approval", "refused", "not_found"]
    stage: str | None = None
    request_id: int | None = None
    problems: list[ProblemItem] | None = None


class ManyMovesShown(Shown):
    items: list[MoveShown]


class VisitShown(Shown):
    """A stay on a stage. `seconds` count until now while it goes on; `working_seconds` are known
    once it has ended. `via` is the door it was entered by."""

    id: int
    pipeline: str
    stage: str
    stage_label: str
    stage_label_zh: str | None
    from_stage: str | None
    entered_at: datetime
    left_at: datetime | None
    seconds: int
    working_seconds: int | None
    moved_by_id: int | None
    moved_by: str | None
    via: str
    definition_version_id: int | None


class HistoryShown(Shown):
    items: list[VisitShown]


class StageShown(Shown):
    key: str
    label: str
    label_zh: str | None
    kind: str
    probability_percent: int
    forecast_category: str


class PipelineShown(Shown):
    """`version_id` null: it has no published definition, and every move is allowed."""

    key: str
    version_id: int | None
    stages: list[StageShown]


class PipelineList(Shown):
    items: list[PipelineShown]
