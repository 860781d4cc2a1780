"""The list of deals, page by page, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models import Account, Clock, Contact, Deal, DealStay, Pipeline, Product, Stage, User


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal with the words of what it points at. `due_at` is when its clocks are looked at next,
    `request_id` the approval that its move waits for."""

    id: int
    external_id: str | None
    name: str
    pipeline: str
    pipeline_label: str
    stage: str
    stage_label: str
    stage_label_zh: str | None
    stage_kind: str
    probability_percent: int
    forecast_category: str
    amount_minor: int | None
    amount_base_minor: int | None
    currency: str | None
    contact_id: int | None
    contact: str | None
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
    pending: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class DealFilter:
    """None leaves a question out. `kind` is open, won or lost; `name` a part of the deal's name."""

    pipeline: str | None = None
    stage: str | None = None
    kind: str | None = None
    owner_id: int | None = None
    contact_id: int | None = None
    account_id: int | None = None
    name: str | None = None
    no_owner: bool = False


async def deal_lines(
    session: AsyncSession,
    wanted: DealFilter,
    *,
    before: int | None = None,
    limit: int,
    ids: Sequence[int] | None = None,
    which: ColumnElement[bool] | None = None,
) -> list[DealLine]:
    """Deals with a lower id than `before`, the highest id first; or just those of `ids`."""
    query = _lines().order_by(Deal.id.desc()).limit(limit)
    if ids is not None:
        query = query.where(Deal.id.in_(ids))
    if which is not None:
        query = query.where(which)
    if before is not None:
        query = query.where(Deal.id < before)
    for column, value in (
        (Pipeline.key, wanted.pipeline),
        (Stage.key, wanted.stage),
        (Stage.kind, wanted.kind),
        (Deal.owner_id, wanted.owner_id),
        (Deal.contact_id, wanted.contact_id),
        (Deal.account_id, wanted.account_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.no_owner:
        query = query.where(Deal.owner_id.is_(None))
    if wanted.name is not None:
        query = query.where(Deal.name.icontains(wanted.name, autoescape=True))
    return [DealLine(*tuple(row)) for row in await session.execute(query)]


def _lines() -> Select[*tuple[Any, ...]]:
    clock = aliased(Clock)
    return (
        select(
            *(Deal.id, Deal.external_id, Deal.name, Pipeline.key, Pipeline.label),
            *(Stage.key, Stage.label, Stage.label_zh, Stage.kind, Stage.probability_percent),
            *(Deal.forecast_category, Deal.amount_minor, Deal.amount_base_minor, Deal.currency),
            *(Deal.contact_id, Contact.email, Deal.account_id, Account.name),
            *(Deal.owner_id, User.name, Deal.product_id, Product.name),
            *(Deal.expected_close_on, Deal.opened_at, Deal.stage_entered_at, Deal.closed_at),
            *(Deal.lost_reason, Deal.custom, Deal.updated_at),
            *(clock.due_at, DealStay.request_id, DealStay.pending),
        )
        .select_from(Deal)
        .join(Stage, Stage.id == Deal.stage_id)
        .join(Pipeline, Pipeline.id == Deal.pipeline_id)
        .outerjoin(Contact, Contact.id == Deal.contact_id)
        .outerjoin(Account, Account.id == Deal.account_id)
        .outerjoin(User, User.id == Deal.owner_id)
        .outerjoin(Product, Product.id == Deal.product_id)
        .outerjoin(DealStay, DealStay.deal_id == Deal.id)
        .outerjoin(clock, (clock.kind == "deal") & (clock.entity_id == Deal.id))
    )
