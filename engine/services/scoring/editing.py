"""Making, changing and deleting scoring models. Scores follow: poke `scores` after the commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ScoringModel
from crm_store.scores import make_only_default, model_named, scoring_models
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.rules.scoring import (
    CompiledModel,
    ModelProblem,
    ModelRefused,
    check_model,
    compile_model,
    from_document,
)
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue
from engine.services.scoring.circles import circles


async def check_scoring(session: AsyncSession, actor: Actor, document: object) -> list[Problem]:
    """Everything that keeps the model from being saved; nothing is stored."""
    allowed(actor, "read", "scoring_model")
    try:
        await _compiled(session, document)
    except Refused as refused:
        return list(refused.problems)
    return []


async def warnings_of(session: AsyncSession, actor: Actor, document: object) -> list[ModelProblem]:
    """What is doubtful about a model that can be saved. Raises Refused for one that cannot."""
    allowed(actor, "read", "scoring_model")
    return check_model(await _compiled(session, document))


async def create_model(
    session: AsyncSession, actor: Actor, document: object, now: datetime, *, default: bool = False
) -> ScoringModel:
    """Save a model; everybody is scored by the driver. With `default` its total is the contact's
    score from then on. Raises Refused with every problem, and Conflict when the name is taken.
    """
    allowed(actor, "create", "scoring_model")
    compiled = await _compiled(session, document)
    model = compiled.model
    if await model_named(session, model.name, lock=True) is not None:
        raise Conflict(f'There is a scoring model "{model.name}" already. Choose another name.')
    record = ScoringModel(
        name=model.name, label=model.label, document=model.document(), updated_at=now
    )
    session.add(record)
    await session.flush()
    if default:
        await _become_default(session, record)
    await audit.record(session, actor, "create", "scoring_model", record.id, after=_shown(record))
    return record


async def edit_model(
    session: AsyncSession, actor: Actor, name: str, document: object, now: datetime
) -> ScoringModel:
    """Replace a model's rules, bounds and bands; everybody is scored anew, and borders that are
    passed by that are told.
    """
    allowed(actor, "edit", "scoring_model")
    record = await existing(session, name)
    before = _shown(record)
    model = (await _compiled(session, document)).model
    if model.name != name:
        problem = Problem("/score", "bad_name", "The name of a model stays as it is.")
        raise Refused(f'The scoring model "{name}" was not changed.', [problem])
    record.label, record.document, record.updated_at = model.label, model.document(), now
    record.revision += 1
    record.recount_after, record.recount_at = 0, None
    await session.flush()
    await audit.record(session, actor, "edit", "scoring_model", record.id, before, _shown(record))
    return record


async def choose_default(session: AsyncSession, actor: Actor, name: str) -> ScoringModel:
    """Make this model's total the contact's score."""
    allowed(actor, "edit", "scoring_model")
    record = await existing(session, name)
    before = _shown(record)
    await _become_default(session, record)
    await audit.record(session, actor, "edit", "scoring_model", record.id, before, _shown(record))
    return record


async def delete_model(session: AsyncSession, actor: Actor, name: str) -> None:
    """Remove a model with its scores, silently; `contact.score` stays as it is."""
    allowed(actor, "delete", "scoring_model")
    record = await existing(session, name)
    before = _shown(record)
    await audit.record(session, actor, "delete", "scoring_model", record.id, before=before)
    await session.delete(record)
    await session.flush()


async def ask_recount(session: AsyncSession, actor: Actor, name: str | None = None) -> int:
    """Let everybody be scored anew, by one model or by all, as after an import; how many models.
    Poke afterwards.
    """
    allowed(actor, "edit", "scoring_model")
    records = await scoring_models(session) if name is None else [await existing(session, name)]
    for record in records:
        record.recount_after = 0
    await session.flush()
    return len(records)


async def list_models(session: AsyncSession, actor: Actor) -> list[ScoringModel]:
    """By name."""
    allowed(actor, "read", "scoring_model")
    return await scoring_models(session)


async def existing(session: AsyncSession, name: str) -> ScoringModel:
    """The model, held until the transaction ends. Raises NotFound."""
    record = await model_named(session, name, lock=True)
    if record is None:
        raise NotFound(f'There is no scoring model "{name}".')
    return record


async def _become_default(session: AsyncSession, record: ScoringModel) -> None:
    await make_only_default(session, record.id)
    record.is_default = True
    record.revision += 1
    record.recount_after = 0
    await session.flush()


async def _compiled(session: AsyncSession, document: object) -> CompiledModel:
    try:
        compiled = compile_model(from_document(document), await current_catalogue(session))
    except ModelRefused as refused:
        problems = [Problem(one.pointer, one.code, one.message) for one in refused.problems]
        raise Refused("The scoring model has mistakes.", problems) from refused
    if problems := list(circles(compiled)):
        raise Refused("The scoring model has mistakes.", problems)
    return compiled


def _shown(record: ScoringModel) -> dict[str, Any]:
    return {
        "name": record.name,
        "label": record.label,
        "is_default": record.is_default,
        "document": record.document,
    }
