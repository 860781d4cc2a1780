"""What a contact scores and why, what a model's bands hold, and models tried before saving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.scores import model_named, scores_of, sizes_of_bands
from engine.errors import NotFound
from engine.rules.scoring import CompiledModel, Score, compile_model, from_document
from engine.services.actor import Actor, allowed
from engine.services.facts import load_facts
from engine.services.plans import current_catalogue
from engine.services.roles.one_record import allowed_record


@dataclass(frozen=True, slots=True)
class StoredScore:
    model: str
    total: int
    band: str | None


async def contact_scores(session: AsyncSession, actor: Actor, contact_id: int) -> list[StoredScore]:
    """The totals as they were last counted, by model."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    return [StoredScore(*row) for row in await scores_of(session, contact_id)]


async def explain_score(
    session: AsyncSession, actor: Actor, name: str, contact_id: int, now: datetime, zone: str
) -> Score:
    """Count one contact's score now, with every part and why; stores nothing. Raises NotFound."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    allowed(actor, "read", "scoring_model")
    record = await model_named(session, name)
    if record is None:
        raise NotFound(f'There is no scoring model "{name}".')
    model = compile_model(from_document(record.document), await current_catalogue(session))
    return await _score(session, model, contact_id, now, zone)


async def try_model(
    session: AsyncSession, actor: Actor, document: object, contact_id: int, now: datetime, zone: str
) -> Score:
    """Count one contact's score by a model that is not saved. Raises ModelRefused and NotFound."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    allowed(actor, "read", "scoring_model")
    model = compile_model(from_document(document), await current_catalogue(session))
    return await _score(session, model, contact_id, now, zone)


async def band_sizes(session: AsyncSession, actor: Actor, name: str) -> dict[str | None, int]:
    """How many contacts stand in each band; None is below all of them. Raises NotFound."""
    allowed(actor, "read", "scoring_model")
    record = await model_named(session, name)
    if record is None:
        raise NotFound(f'There is no scoring model "{name}".')
    return await sizes_of_bands(session, record.id)


async def _score(
    session: AsyncSession, model: CompiledModel, contact_id: int, now: datetime, zone: str
) -> Score:
    facts = await load_facts(session, [contact_id], model.reads, now)
    if contact_id not in facts:
        raise NotFound(f"There is no contact {contact_id}.")
    return model.score(facts[contact_id], now, zone, explain=True)
