"""Deals as a move sees them, held until its transaction ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import allocate_ids, insert_rows, update_rows
from crm_store.fact_borders import share_fact_borders
from crm_store.record_changes import hold_contacts

_COLUMNS = """
    d.id, d.name, d.external_id, d.contact_id, d.account_id, d.owner_id, d.product_id,
    d.amount_minor, d.amount_base_minor, d.currency, d.forecast_category, d.expected_close_on,
    d.lost_reason, d.custom, d.opened_at, d.closed_at, d.stage_entered_at, d.updated_at,
    d.pipeline_id, p.key, p.definition_version_id, d.stage_id, s.key, s.kind,
    y.version_id, y.state, y.pending, y.request_id
"""
_FROM = """
    FROM deal d JOIN stage s ON s.id = d.stage_id JOIN pipeline p ON p.id = d.pipeline_id
    LEFT JOIN deal_stay y ON y.deal_id = d.id
"""


class DealRow(NamedTuple):
    """`version_id` is the pipeline's version in force, `stay_version_id` the one whose clocks run.
    The last four are None for a deal without clocks."""

    id: int
    name: str
    external_id: str | None
    contact_id: int | None
    account_id: int | None
    owner_id: int | None
    product_id: int | None
    amount_minor: int | None
    amount_base_minor: int | None
    currency: str | None
    forecast_category: str
    expected_close_on: date | None
    lost_reason: str | None
    custom: dict[str, Any]
    opened_at: datetime
    closed_at: datetime | None
    stage_entered_at: datetime
    updated_at: datetime
    pipeline_id: int
    pipeline: str
    version_id: int | None
    stage_id: int
    stage: str
    stage_kind: str
    stay_version_id: int | None
    stay: dict[str, Any] | None
    pending: dict[str, Any] | None
    request_id: int | None


class StageOfPipeline(NamedTuple):
    id: int
    pipeline_id: int
    pipeline: str
    key: str
    label: str
    label_zh: str | None
    kind: str
    position: int
    probability_percent: int
    forecast_category: str
    version_id: int | None


async def hold_deals(session: AsyncSession, ids: Collection[int]) -> dict[int, DealRow]:
    """The deals, held by this transaction, and their contacts with them: contacts first and both in
    the order of ids, as flows hold them that move deals. What does not exist is left out."""
    if not ids:
        return {}
    # a trigger of deals takes it, and whoever waits for it must hold nothing
    await share_fact_borders(session)
    # whoever changes the stages of a pipeline holds it alone
    await session.execute(
        text(
            "SELECT 1 FROM pipeline WHERE id IN (SELECT pipeline_id FROM deal WHERE id = ANY(:ids))"
            " ORDER BY id FOR KEY SHARE"
        ),
        {"ids": sorted(ids)},
    )
    found = await session.scalars(
        text(
            "SELECT DISTINCT contact_id FROM deal WHERE id = ANY(:ids) AND contact_id IS NOT NULL"
        ),
        {"ids": sorted(ids)},
    )
    await hold_contacts(session, found.all())
    # apart from the reading: a join that waited for a lock sees the stage of before
    await session.execute(
        text("SELECT 1 FROM deal WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"),
        {"ids": sorted(ids)},
    )
    return await deals_by_id(session, ids)


async def hold_requests_of(
    session: AsyncSession, deal_ids: Collection[int], *, wait: bool = True
) -> set[int]:
    """Hold the approvals that moves of these deals wait for. Whoever decides one holds it before
    the deal, so whoever may recall it does too. Who holds deals or contacts already must not
    `wait`: the deals are given whose request somebody else holds."""
    ids = {"ids": sorted(deal_ids)}
    lock = "FOR UPDATE" if wait else "FOR UPDATE SKIP LOCKED"
    held = await session.scalars(
        text(
            "SELECT id FROM approval_request WHERE id IN (SELECT request_id FROM deal_stay"  # noqa: S608
            f" WHERE deal_id = ANY(:ids) AND request_id IS NOT NULL) ORDER BY id {lock}"
        ),
        ids,
    )
    mine = sorted(held.all())
    if wait:
        return set()
    others = await session.scalars(
        text(
            "SELECT y.deal_id FROM deal_stay y JOIN approval_request q ON q.id = y.request_id"
            " WHERE y.deal_id = ANY(:ids) AND q.id <> ALL(CAST(:mine AS bigint[]))"
        ),
        {**ids, "mine": mine},
    )
    return set(others)


async def hold_requests_on_stages(
    session: AsyncSession, pipeline: str, stages: Collection[str]
) -> None:
    """The same for the deals on these stages, before the pipeline itself is held."""
    found = await session.scalars(
        text(
            "SELECT y.deal_id FROM deal_stay y JOIN deal d ON d.id = y.deal_id"
            " JOIN stage s ON s.id = d.stage_id JOIN pipeline p ON p.id = s.pipeline_id"
            " WHERE y.request_id IS NOT NULL AND p.key = :pipeline AND s.key = ANY(:stages)"
        ),
        {"pipeline": pipeline, "stages": sorted(stages)},
    )
    await hold_requests_of(session, found.all())


async def deals_by_id(session: AsyncSession, ids: Collection[int]) -> dict[int, DealRow]:
    """The same without holding anything."""
    rows = await session.execute(
        text(f"SELECT {_COLUMNS} {_FROM} WHERE d.id = ANY(:ids)"),
        {"ids": sorted(ids)},
    )
    return {row[0]: DealRow._make(row) for row in rows}


async def deal_with_external_id(session: AsyncSession, external_id: str) -> int | None:
    found: int | None = await session.scalar(
        text("SELECT id FROM deal WHERE external_id = :external_id"), {"external_id": external_id}
    )
    return found


async def open_deals_of(
    session: AsyncSession, pipeline_id: int, after: int, limit: int
) -> Sequence[int]:
    """A page of the open deals of a pipeline that have no clocks yet, by id."""
    found = await session.scalars(
        text(
            "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id"
            " WHERE d.pipeline_id = :pipeline AND s.kind = 'open' AND d.id > :after AND NOT EXISTS"
            " (SELECT 1 FROM deal_stay y WHERE y.deal_id = d.id) ORDER BY d.id LIMIT :limit"
        ),
        {"pipeline": pipeline_id, "after": after, "limit": limit},
    )
    return found.all()


async def deals_on_stages(
    session: AsyncSession, stage_ids: Collection[int]
) -> dict[int, list[int]]:
    """The deals on each stage, by id; stages without any are left out."""
    found = await session.execute(
        text("SELECT stage_id, id FROM deal WHERE stage_id = ANY(:ids) ORDER BY id"),
        {"ids": sorted(stage_ids)},
    )
    deals: dict[int, list[int]] = {}
    for stage_id, id_ in found:
        deals.setdefault(stage_id, []).append(id_)
    return deals


async def pipeline_stages(
    session: AsyncSession, pipeline_ids: Collection[int] | None = None
) -> list[StageOfPipeline]:
    """The stages in use, of these pipelines or of all, each pipeline from its first stage on."""
    found = await session.execute(
        text(
            """
            SELECT s.id, s.pipeline_id, p.key, s.key, s.label, s.label_zh, s.kind, s.position,
                   s.probability_percent, s.forecast_category, p.definition_version_id
            FROM stage s JOIN pipeline p ON p.id = s.pipeline_id
            WHERE s.retired_at IS NULL AND (CAST(:ids AS bigint[]) IS NULL OR p.id = ANY(:ids))
            ORDER BY p.id, s.position, s.id
            """
        ),
        {"ids": None if pipeline_ids is None else sorted(pipeline_ids)},
    )
    return [StageOfPipeline._make(row) for row in found]


async def change_deals(session: AsyncSession, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write each deal its own columns; `custom` is merged key by key."""
    await update_rows(session, "deal", changes)


async def add_deal_rows(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """New deals, all with the same columns; their ids in the order given."""
    ids = await allocate_ids(session, "deal", len(rows))
    if rows:
        given = [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)]
        written = await insert_rows(session, "deal", list(given[0]), given)
        return [id_ for id_ in ids if id_ in written]
    return []


async def in_base(
    session: AsyncSession, amounts: Mapping[int, tuple[int | None, str | None, date]]
) -> dict[int, int | None]:
    """What amounts are in the base currency at the rate of a day, as the trigger will write it."""
    if not amounts:
        return {}
    keys = list(amounts)
    found = await session.execute(
        text(
            "SELECT a.id, base_minor(a.minor, a.currency, a.day) FROM unnest("
            "CAST(:ids AS bigint[]), CAST(:minors AS bigint[]), CAST(:currencies AS text[]),"
            " CAST(:days AS date[])) AS a(id, minor, currency, day)"
        ),
        {
            "ids": keys,
            "minors": [amounts[key][0] for key in keys],
            "currencies": [amounts[key][1] for key in keys],
            "days": [amounts[key][2] for key in keys],
        },
    )
    return {row[0]: row[1] for row in found}


async def last_activities(
    session: AsyncSession, deal_ids: Collection[int], event_names: Collection[str]
) -> dict[int, datetime]:
    """The newest sign of life of each deal: a call, meeting or note about it or with its contact, a
    task done, an event of these names."""
    if not deal_ids:
        return {}
    found = await session.execute(
        text(
            """
            SELECT d.id, greatest(own.at, with_contact.at, told.at)
            FROM deal d
            LEFT JOIN LATERAL (
                SELECT max(CASE WHEN a.kind = 'task' THEN a.done_at
                                ELSE greatest(a.done_at, a.created_at) END) AS at
                FROM activity a WHERE a.deal_id = d.id
            ) own ON true
            LEFT JOIN LATERAL (
                SELECT max(CASE WHEN a.kind = 'task' THEN a.done_at
                                ELSE greatest(a.done_at, a.created_at) END) AS at
                FROM activity a WHERE a.contact_id = d.contact_id AND a.deal_id IS NULL
            ) with_contact ON true
            LEFT JOIN LATERAL (
                SELECT max(e.occurred_at) AS at FROM event e
                WHERE e.contact_id = d.contact_id AND e.name = ANY(CAST(:names AS text[]))
            ) told ON true
            WHERE d.id = ANY(:ids)
            """
        ),
        {"ids": sorted(deal_ids), "names": sorted(event_names)},
    )
    return {row[0]: row[1] for row in found if row[1] is not None}
