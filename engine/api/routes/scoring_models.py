"""`/api/scoring-models`: how scores are counted."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from crm_store.models import ScoringModel
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.places import item_of
from engine.api.repeating import IdempotencyKey, answer_of, answer_once
from engine.api.shapes import decisions as shapes
from engine.api.shapes.common import ProblemItem
from engine.errors import NotFound
from engine.services.idempotency import Answer
from engine.services.scoring import editing, looking
from engine.services.segment_door import ChangedMeanwhile

Name = Annotated[str, Path(pattern=shapes.NAME)]
_CHANGES: Final = refusals(404, 409, 412, 428)


def scoring_models_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/scoring-models",
        tags=["rules"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_scoring_models", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.ModelPage:
        """All models by name."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await editing.list_models(session, caller.actor)
        rest = [one for one in found if one.name > after]
        return shapes.ModelPage(
            items=[shapes.ModelLine.model_validate(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].name) if len(rest) > limit else None,
        )

    @router.post("/check", operation_id="check_scoring_model", responses=refusals())
    async def check(given: shapes.ModelGiven, caller: Calling) -> shapes.Checked:
        """Every mistake; nothing is kept. The answer is 200 for a wrong model too."""
        async with parts.store.transaction() as session:
            found = await editing.check_scoring(session, caller.actor, given.document)
        items = [ProblemItem.model_validate(item_of(one)) for one in found]
        return shapes.Checked(ok=not found, problems=items)

    @router.post(
        "",
        operation_id="create_scoring_model",
        status_code=201,
        response_model=shapes.ModelShown,
        responses=refusals(409),
    )
    async def create(
        given: shapes.ModelGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Keep a model; everybody is scored in the background."""

        async def effect(session: AsyncSession) -> Answer:
            made = await editing.create_model(
                session, caller.actor, given.document, parts.now(), default=given.default
            )
            shown = await _shown(session, caller, made)
            place = {"Location": f"/api/scoring-models/{made.name}"}
            return answer_of(201, shown, _headers(made) | place)

        answer = await answer_once(request, caller, parts, key, effect)
        parts.pokes.scores()
        return answer

    @router.get(
        "/{name}",
        operation_id="get_scoring_model",
        response_model=shapes.ModelShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One model with how many stand in each band, with an ETag."""
        async with parts.store.transaction() as session:
            return await _answer(session, caller, await _found(session, caller, name))

    @router.put(
        "/{name}",
        operation_id="put_scoring_model",
        response_model=shapes.ModelShown,
        responses=_CHANGES,
    )
    async def put(
        name: Name, given: shapes.ModelGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Replace rules, bounds and bands; everybody is scored anew."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await _as_seen(session, caller, name, tag)
            made = await editing.edit_model(
                session, caller.actor, name, given.document, parts.now()
            )
            if given.default and not made.is_default:
                made = await editing.choose_default(session, caller.actor, name)
            answer = await _answer(session, caller, made)
        parts.pokes.scores()
        return answer

    @router.delete(
        "/{name}", operation_id="delete_scoring_model", status_code=204, responses=_CHANGES
    )
    async def delete(name: Name, caller: Calling, if_match: IfMatch = None) -> None:
        """Remove a model with its scores; the contact's score stays as it is."""
        tag = tag_in(if_match)
        async with parts.store.transaction() as session:
            await _as_seen(session, caller, name, tag)
            await editing.delete_model(session, caller.actor, name)

    @router.post(
        "/{name}/recount",
        operation_id="recount_scoring_model",
        status_code=204,
        responses=refusals(404),
    )
    async def recount(name: Name, caller: Calling) -> None:
        """Let everybody be scored anew."""
        async with parts.store.transaction() as session:
            await editing.ask_recount(session, caller.actor, name)
        parts.pokes.scores()

    @router.post("/{name}/ask", operation_id="ask_scoring_model", responses=refusals(404))
    async def ask(name: Name, given: shapes.AskedGiven, caller: Calling) -> shapes.ScoreAnswer:
        """One contact's score counted now; nothing is kept."""
        zone = parts.settings.company.default_zone
        async with parts.store.transaction() as session:
            found = await looking.explain_score(
                session, caller.actor, name, given.contact_id, parts.now(), zone
            )
        return shapes.ScoreAnswer(model=name, total=found.total, band=found.band)

    return router


async def _found(session: AsyncSession, caller: Calling, name: str) -> ScoringModel:
    for one in await editing.list_models(session, caller.actor):
        if one.name == name:
            return one
    raise NotFound(f'There is no scoring model "{name}".')


async def _as_seen(session: AsyncSession, caller: Calling, name: str, tag: str) -> None:
    found = await _found(session, caller, name)
    # held from here on, so that nobody comes between the look and the change
    found = await editing.existing(session, found.name)
    if tag not in ("*", str(found.revision)):
        raise ChangedMeanwhile(f'The scoring model "{name}" was changed since you read it.')


async def _shown(session: AsyncSession, caller: Calling, one: ScoringModel) -> shapes.ModelShown:
    sizes = await looking.band_sizes(session, caller.actor, one.name)
    line = shapes.ModelLine.model_validate(one)
    bands = {name or "": count for name, count in sizes.items()}
    return shapes.ModelShown(**line.model_dump(), document=one.document, bands=bands)


async def _answer(session: AsyncSession, caller: Calling, one: ScoringModel) -> Response:
    body = (await _shown(session, caller, one)).model_dump_json()
    return Response(body, headers=_headers(one), media_type="application/json")


def _headers(one: ScoringModel) -> dict[str, str]:
    return {"ETag": quoted(str(one.revision))}
