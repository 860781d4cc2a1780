"""`GET /api/facts`: what rules may read."""

from __future__ import annotations

import hashlib
from typing import Annotated

import orjson
from fastapi import APIRouter, Header
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.parts import Parts
from engine.api.shapes.common import Words
from engine.api.shapes.facts import FactShown, FactsShown, RecordShown
from engine.rules import Catalogue, Fact, Label, RecordKind
from engine.rules.facts import LIST_KINDS, RECORD_LABELS
from engine.rules.provenance import CHANGE_LABELS, ORIGIN_LABELS
from engine.services.actor import Actor, may
from engine.services.rules import kind_behind, vocabulary

_LISTS = {kind: name for name, kind in LIST_KINDS.items()}


def facts_router(parts: Parts) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["rules"], dependencies=ASKS_FOR_KEY)

    @router.get(
        "/facts",
        operation_id="list_facts",
        response_model=FactsShown,
        responses={**refusals(), 304: {"description": "Nothing has changed since."}},
    )
    async def facts(
        caller: Calling, if_none_match: Annotated[str | None, Header(max_length=200)] = None
    ) -> Response:
        """Every fact by kind of record, fields of your own included; kinds that the key may not
        read are left out.
        """
        async with parts.store.transaction() as session:
            catalogue = await vocabulary(session, caller.actor, "contact")
        body = orjson.dumps(catalogue_shown(catalogue, caller.actor).model_dump())
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return router


def catalogue_shown(catalogue: Catalogue, actor: Actor) -> FactsShown:
    return FactsShown(
        records=[
            RecordShown(
                kind=kind,
                label=_words(RECORD_LABELS[kind]),
                listed_as=_LISTS.get(kind),
                facts=[_fact(kind, fact) for fact in facts.values()],
            )
            for kind, facts in catalogue.records.items()
            if may(actor, "read", kind_behind(kind))
        ]
    )


def _fact(kind: RecordKind, fact: Fact) -> FactShown:
    return FactShown(
        path=f"{kind}.{fact.name}",
        type=fact.type,
        label=_words(fact.label),
        values=list(fact.values),
        folded=fact.folded,
        custom=fact.name.startswith("custom."),
        origin=_words(ORIGIN_LABELS[fact.origin]),
        changes=_words(CHANGE_LABELS[fact.change]),
    )


def _words(label: Label) -> Words:
    return Words(en=label.en, zh=label.zh)
