"""`/api/contacts`: people, one by one and in pages."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.each import each_of
from engine.api.filters import Filter, Search, moment_of, rule_in, told_of_filter
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.record_words import contact_shown
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import records as shapes
from engine.api.shapes.common import Outcomes
from engine.api.working_once import work_once
from engine.services.idempotency import Answer
from engine.services.records import edit_contact, edit_tags
from engine.services.records.creating import create_contact
from engine.services.records.seeing import SeenRecord, edit_seen, see_record
from engine.services.scoring.looking import contact_scores
from engine.services.views.grids import GridState, grid_ids, hidden_in, lines_of
from engine.services.views.grids.asking import LONGEST_PAGE, within
from engine.services.views.life import field_history, memberships
from engine.services.work import Work

Number = Annotated[int, Path(ge=1, le=2**53)]
FieldName = Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9_.]+$")]
_CHANGES: Final = refusals(404, 409, 412, 428)


def contacts_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/contacts", tags=["contacts"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_contacts", responses=refusals())
    async def list_(
        caller: Calling,
        filter_: Filter = None,
        q: Search = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.ContactPage:
        """Contacts by number; those for whom the filter holds, and whose name or address has `q` in
        it. What is looked for too long is given up with the code `list_too_slow`."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        state = GridState("contact", search=(q or "").strip(), rule=rule_in(filter_))
        async with parts.store.transaction() as session:
            with told_of_filter():
                async with within(session, LONGEST_PAGE):
                    ids = await grid_ids(
                        *(session, caller.actor, state, moment_of(parts)),
                        after=after,
                        limit=limit + 1,
                    )
            hidden = hidden_in(caller.actor, "contact")
            lines = await lines_of(session, "contact", ids[:limit], hidden)
        return shapes.ContactPage(
            items=[contact_shown(one) for one in lines],
            next=cursor_of(ids[limit - 1]) if len(ids) > limit else None,
        )

    @router.post(
        "",
        operation_id="create_contact",
        status_code=201,
        response_model=shapes.ContactLine,
        responses=refusals(409),
    )
    async def create(
        given: shapes.ContactGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Make a contact, the caller's unless another owner is named. 409 where somebody has the
        address or the external id. Nobody's consent is given by being written down."""

        async def deed(work: Work) -> Answer:
            made = await create_contact(work, caller.actor, given.fields.said())
            if given.tags:
                await edit_tags(work, caller.actor, made, add=list(given.tags), remove=[])
            seen = await see_record(work.session, caller.actor, "contact", made)
            place = {"Location": f"/api/contacts/{made}"}
            return answer_of(201, contact_shown(seen.line), _headers(seen) | place)

        return await work_once(request, caller, parts, key, deed)

    @router.post(
        "/bulk",
        operation_id="write_contacts",
        response_model=Outcomes,
        responses=refusals(),
    )
    async def bulk(
        given: shapes.ManyContactsGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Make and change up to 100; each is done or refused for itself."""

        async def deed(work: Work) -> Answer:
            async def one(item: shapes.ContactItem) -> int:
                return await _write(work, caller, item)

            outcomes = await each_of(work, given.items, one)
            return answer_of(200, Outcomes(items=outcomes))

        return await work_once(request, caller, parts, key, deed)

    @router.get(
        "/{contact_id}",
        operation_id="get_contact",
        response_model=shapes.ContactLine,
        responses=refusals(404),
    )
    async def get(contact_id: Number, caller: Calling) -> Response:
        """One contact; the ETag stands for what can be edited."""
        async with parts.store.transaction() as session:
            seen = await see_record(session, caller.actor, "contact", contact_id)
        return _answer(seen)

    @router.patch(
        "/{contact_id}",
        operation_id="change_contact",
        response_model=shapes.ContactLine,
        responses=_CHANGES,
    )
    async def change(
        contact_id: Number,
        given: shapes.ContactChange,
        request: Request,
        caller: Calling,
        if_match: IfMatch = None,
        key: IdempotencyKey = None,
    ) -> Response:
        """Change fields. Flows and segments hear of it as they do of any change."""
        tag, fields = tag_in(if_match), given.fields.said()

        async def deed(work: Work) -> Answer:
            seen = await edit_seen(work, caller.actor, "contact", contact_id, fields, seen=tag)
            return answer_of(200, contact_shown(seen.line), _headers(seen))

        return await work_once(request, caller, parts, key, deed)

    @router.post(
        "/{contact_id}/tags",
        operation_id="change_contact_tags",
        response_model=shapes.ContactLine,
        responses=refusals(404),
    )
    async def tags(
        contact_id: Number,
        given: shapes.TagsChange,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Put tags on and take tags off; a new tag is made."""

        async def deed(work: Work) -> Answer:
            add, remove = list(given.add), list(given.remove)
            await edit_tags(work, caller.actor, contact_id, add=add, remove=remove)
            seen = await see_record(work.session, caller.actor, "contact", contact_id)
            return answer_of(200, contact_shown(seen.line), _headers(seen))

        return await work_once(request, caller, parts, key, deed)

    @router.get(
        "/{contact_id}/belongings", operation_id="get_contact_belongings", responses=refusals(404)
    )
    async def belongings(contact_id: Number, caller: Calling) -> shapes.BelongingShown:
        """The segments the contact is in, and the scores as they were last counted."""
        async with parts.store.transaction() as session:
            await see_record(session, caller.actor, "contact", contact_id)
            segments = await memberships(session, caller.actor, contact_id)
            scores = await contact_scores(session, caller.actor, contact_id)
        return shapes.BelongingShown(
            segments=[shapes.MembershipShown.model_validate(one) for one in segments],
            scores=[shapes.ScoreShown.model_validate(one) for one in scores],
        )

    @router.get(
        "/{contact_id}/field-history",
        operation_id="list_contact_field_history",
        responses=refusals(404),
    )
    async def history(contact_id: Number, field: FieldName, caller: Calling) -> shapes.FormerList:
        """What a field was before, the newest change first; fifty at most."""
        async with parts.store.transaction() as session:
            await see_record(session, caller.actor, "contact", contact_id)
            found = await field_history(session, caller.actor, contact_id, field)
        return shapes.FormerList(items=[shapes.FormerShown.model_validate(one) for one in found])

    return router


async def _write(work: Work, caller: Calling, item: shapes.ContactItem) -> int:
    fields = item.fields.said()
    if item.id is None:
        number = await create_contact(work, caller.actor, fields)
    else:
        number = item.id
        await edit_contact(work, caller.actor, number, fields)
    if item.add_tags or item.remove_tags:
        add, remove = list(item.add_tags), list(item.remove_tags)
        await edit_tags(work, caller.actor, number, add=add, remove=remove)
    return number


def _headers(seen: SeenRecord) -> dict[str, str]:
    return {"ETag": quoted(seen.tag)}


def _answer(seen: SeenRecord) -> Response:
    body = contact_shown(seen.line).model_dump_json()
    return Response(body, headers=_headers(seen), media_type="application/json")
