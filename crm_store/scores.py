"""Scoring models as rows, and the scores of contacts in them.

Whoever writes scores holds their rows first, in the order of contacts and models, so that a border
that is passed is told once. They are held before facts are read, so that nobody overtakes somebody
who knows more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import CustomField, ScoringModel
from crm_store.rowset import rowset

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ModelsMark:
    """Changes with every edit, creation and deletion of a model or custom field."""

    count: int
    revisions: int
    newest: int
    custom_fields: int


@dataclass(frozen=True, slots=True)
class SavedModel:
    """What scoring contacts needs. `is_counted`: everybody has been scored once."""

    id: int
    name: str
    document: Mapping[str, Any]
    is_default: bool
    is_counted: bool


@dataclass(frozen=True, slots=True)
class NewScore:
    model_id: int
    contact_id: int
    total: int
    band: str | None
    due_at: datetime | None


async def models_mark(session: AsyncSession) -> ModelsMark:
    """One small query; asked at the start of each batch."""
    found = await session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(ScoringModel.revision), 0),
            func.coalesce(func.max(ScoringModel.id), 0),
            select(func.count()).select_from(CustomField).scalar_subquery(),
        ).select_from(ScoringModel)
    )
    return ModelsMark(*found.one())


async def saved_models(session: AsyncSession) -> list[SavedModel]:
    found = await session.execute(
        select(
            ScoringModel.id,
            ScoringModel.name,
            ScoringModel.document,
            ScoringModel.is_default,
            ScoringModel.counted_at.is_not(None),
        ).order_by(ScoringModel.id)
    )
    return [SavedModel(*row) for row in found]


async def scoring_models(session: AsyncSession) -> list[ScoringModel]:
    """By name."""
    return list(await session.scalars(select(ScoringModel).order_by(ScoringModel.name)))


async def model_named(
    session: AsyncSession, name: str, *, lock: bool = False
) -> ScoringModel | None:
    wanted = select(ScoringModel).where(ScoringModel.name == name)
    # not FOR UPDATE, which would stop everybody who writes a score (it refers to its model)
    return await session.scalar(wanted.with_for_update(key_share=True) if lock else wanted)


async def make_only_default(session: AsyncSession, model_id: int) -> None:
    """Take the default away from all others; their scores have to be read anew as well."""
    await session.execute(
        update(ScoringModel)
        .where(ScoringModel.is_default, ScoringModel.id != model_id)
        .values(is_default=False, revision=ScoringModel.revision + 1)
    )


async def hold_scores(session: AsyncSession, pairs: Collection[Pair]) -> dict[Pair, int | None]:
    """Keep these scores, by (model, contact), from others until this transaction ends; their
    totals, None where nothing was worked out before. Contacts and models that are gone are left
    out.
    """
    if not pairs:
        return {}
    given = {"models": [pair[0] for pair in pairs], "contacts": [pair[1] for pair in pairs]}
    await session.execute(
        text(
            """
            INSERT INTO contact_score (model_id, contact_id)
            SELECT m.id, c.id
            FROM unnest(CAST(:models AS bigint[]), CAST(:contacts AS bigint[])) p(model, contact)
            JOIN (SELECT id FROM contact WHERE id = ANY(:contacts) ORDER BY id FOR KEY SHARE) c
              ON c.id = p.contact
            JOIN (SELECT id FROM scoring_model WHERE id = ANY(:models) FOR KEY SHARE) m
              ON m.id = p.model
            ORDER BY c.id, m.id
            ON CONFLICT DO NOTHING
            """
        ),
        given,
    )
    found = await session.execute(
        text(
            """
            SELECT s.model_id, s.contact_id, s.total
            FROM unnest(CAST(:models AS bigint[]), CAST(:contacts AS bigint[])) p(model, contact)
            JOIN contact_score s ON s.model_id = p.model AND s.contact_id = p.contact
            ORDER BY s.contact_id, s.model_id FOR NO KEY UPDATE OF s
            """
        ),
        given,
    )
    return {(model_id, contact_id): total for model_id, contact_id, total in found}


async def write_scores(session: AsyncSession, scores: Sequence[NewScore], now: datetime) -> None:
    """Of rows that are held; those that say so already are left alone.

    A score that goes on fading keeps its time, as long as that is still to come.
    """
    if not scores:
        return
    await session.execute(
        text(
            """
            UPDATE contact_score s
            SET total = g.total, band = g.band, due_at = g.due_at, scored_at = :now
            FROM jsonb_to_recordset(CAST(:scores AS jsonb)) AS g(
                model_id bigint, contact_id bigint, total bigint, band text, due_at timestamptz)
            WHERE s.model_id = g.model_id AND s.contact_id = g.contact_id
            AND (s.scored_at IS NULL OR s.due_at <= :now
                 OR (s.total, s.band, s.due_at IS NULL)
                    IS DISTINCT FROM (g.total, g.band, g.due_at IS NULL))
            """
        ),
        {"scores": rowset(scores), "now": now},
    )


# The total of the default model with what flows gave and took beside it.
_WANTED = """
    (SELECT t.id, t.total + coalesce(s.adjusted, 0) AS total
     FROM jsonb_to_recordset(CAST(:totals AS jsonb)) AS t(id bigint, total bigint)
     LEFT JOIN scoring_model m ON m.is_default
     LEFT JOIN contact_score s ON s.model_id = m.id AND s.contact_id = t.id)
"""


async def scored_otherwise(session: AsyncSession, totals: Mapping[int, int]) -> frozenset[int]:
    """The contacts whose `contact.score` does not follow from these totals of the default model.

    Their scores are held; the contacts are not yet.
    """
    if not totals:
        return frozenset()
    found = await session.execute(
        text(
            f"""
            SELECT c.id FROM {_WANTED} g JOIN contact c ON c.id = g.id
            WHERE c.score IS DISTINCT FROM g.total
            """  # noqa: S608 - a constant
        ),
        {"totals": _totals(totals)},
    )
    return frozenset(found.scalars())


async def write_default_scores(
    session: AsyncSession, totals: Mapping[int, int], now: datetime
) -> int:
    """Make `contact.score` follow from these totals of the default model; how many changed. The
    contacts must be held: a single statement would lock them in an order of its own.
    """
    if not totals:
        return 0
    found = await session.execute(
        text(
            f"""
            UPDATE contact c SET score = g.total, updated_at = :now FROM {_WANTED} g
            WHERE c.id = g.id AND c.score IS DISTINCT FROM g.total
            RETURNING c.id
            """  # noqa: S608 - a constant
        ),
        {"totals": _totals(totals), "now": now},
    )
    return len(found.all())


def _totals(totals: Mapping[int, int]) -> str:
    return rowset([{"id": contact_id, "total": total} for contact_id, total in totals.items()])


async def hold_default_scores(session: AsyncSession, contact_ids: Collection[int]) -> None:
    """Keep the scores of the default model, if there is one, for an adjustment; before the contacts
    themselves, as everybody does who writes scores.
    """
    await session.execute(
        text(
            """
            INSERT INTO contact_score (model_id, contact_id)
            SELECT m.id, c.id FROM contact c CROSS JOIN scoring_model m
            WHERE c.id = ANY(:contacts) AND m.is_default
            ORDER BY c.id ON CONFLICT DO NOTHING
            """
        ),
        {"contacts": list(contact_ids)},
    )
    await session.execute(
        text(
            """
            SELECT 1 FROM contact_score s JOIN scoring_model m ON m.id = s.model_id
            WHERE s.contact_id = ANY(:contacts) AND m.is_default
            ORDER BY s.contact_id FOR NO KEY UPDATE OF s
            """
        ),
        {"contacts": list(contact_ids)},
    )


async def adjust_default_scores(session: AsyncSession, points: Mapping[int, int]) -> None:
    """Remember points by contact, so that the next count of the default model keeps them."""
    await session.execute(
        text(
            """
            UPDATE contact_score s SET adjusted = s.adjusted + p.points
            FROM unnest(CAST(:ids AS bigint[]), CAST(:points AS bigint[])) AS p(id, points),
                 scoring_model m
            WHERE m.is_default AND s.model_id = m.id AND s.contact_id = p.id
            """
        ),
        {"ids": list(points), "points": list(points.values())},
    )


async def begin_rounds(session: AsyncSession) -> None:
    """All models score everybody anew."""
    await session.execute(update(ScoringModel).values(recount_after=0))


async def begin_due_rounds(session: AsyncSession, now: datetime) -> None:
    """Models whose time has come score everybody anew."""
    await session.execute(
        update(ScoringModel)
        .where(
            or_(ScoringModel.recount_at <= now, ScoringModel.recount_at.is_(None)),
            ScoringModel.recount_after.is_(None),
        )
        .values(recount_after=0, recount_at=None)
    )


async def next_round(session: AsyncSession) -> tuple[int, int] | None:
    """A model with a round under way that nobody else works at, and how far the round is."""
    found = await session.execute(
        text(
            """
            SELECT id, recount_after FROM scoring_model WHERE recount_after IS NOT NULL
            ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
            """
        )
    )
    row = found.first()
    return None if row is None else (row[0], row[1])


async def contacts_after(session: AsyncSession, after: int, limit: int) -> list[int]:
    found = await session.execute(
        text("SELECT id FROM contact WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return list(found.scalars())


async def advance_round(session: AsyncSession, model_id: int, after: int) -> None:
    await session.execute(
        update(ScoringModel).where(ScoringModel.id == model_id).values(recount_after=after)
    )


async def end_round(
    session: AsyncSession, model_id: int, now: datetime, next_at: datetime | None
) -> None:
    await session.execute(
        update(ScoringModel)
        .where(ScoringModel.id == model_id)
        .values(
            recount_after=None,
            recount_at=next_at,
            counted_at=func.coalesce(ScoringModel.counted_at, now),
            # whoever remembers models must hear that borders are told from now on
            revision=ScoringModel.revision + case((ScoringModel.counted_at.is_(None), 1), else_=0),
        )
    )


async def due_scores(session: AsyncSession, now: datetime, limit: int) -> list[Pair]:
    """(model, contact) whose points have faded, those due for longest first."""
    found = await session.execute(
        text(
            """
            SELECT model_id, contact_id FROM contact_score
            WHERE due_at <= :now ORDER BY due_at LIMIT :limit
            """
        ),
        {"now": now, "limit": limit},
    )
    return [(row[0], row[1]) for row in found]


async def soonest_due(session: AsyncSession) -> datetime | None:
    """When something is due next: a faded score, or a round."""
    found = await session.execute(
        text(
            """
            SELECT least((SELECT min(due_at) FROM contact_score WHERE due_at IS NOT NULL),
                         (SELECT min(recount_at) FROM scoring_model))
            """
        )
    )
    due: datetime | None = found.scalar_one()
    return due


async def put_off(session: AsyncSession, pairs: Sequence[Pair], until: datetime | None) -> None:
    """Look at these later, or never again by themselves."""
    given = [{"model_id": model_id, "contact_id": contact_id} for model_id, contact_id in pairs]
    await session.execute(
        text(
            """
            UPDATE contact_score s SET due_at = CAST(:until AS timestamptz)
            FROM jsonb_to_recordset(CAST(:pairs AS jsonb)) AS g(model_id bigint, contact_id bigint)
            WHERE s.model_id = g.model_id AND s.contact_id = g.contact_id
            """
        ),
        {"pairs": rowset(given), "until": until},
    )


async def scores_of(session: AsyncSession, contact_id: int) -> list[tuple[str, int, str | None]]:
    """(model, total, band) of a contact, by model."""
    found = await session.execute(
        text(
            """
            SELECT m.name, s.total, s.band FROM contact_score s
            JOIN scoring_model m ON m.id = s.model_id
            WHERE s.contact_id = :contact AND s.total IS NOT NULL ORDER BY m.name
            """
        ),
        {"contact": contact_id},
    )
    return [(row[0], row[1], row[2]) for row in found]


async def sizes_of_bands(session: AsyncSession, model_id: int) -> dict[str | None, int]:
    """How many contacts are in each band of a model."""
    found = await session.execute(
        text(
            """
            SELECT band, count(*) FROM contact_score
            WHERE model_id = :model AND total IS NOT NULL GROUP BY band
            """
        ),
        {"model": model_id},
    )
    return {row[0]: row[1] for row in found}
