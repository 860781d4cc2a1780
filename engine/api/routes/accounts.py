"""`/api/accounts`: companies."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.each import each_of
from engine.api.filters import Search, moment_of
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.record_words import account_shown
from engine.api.repeating import IdempotencyKey, answer_of
from engine.api.shapes import records as shapes
from engine.api.shapes.common import Outcomes
from engine.api.working_once import work_once
from engine.services.idempotency import Answer
from engine.services.records import edit_account
from engine.services.records.creating import create_account
from engine.services.records.seeing import SeenRecord, edit_seen, see_record
from engine.services.views.grids import Condition, GridState, grid_ids, hidden_in, lines_of
from engine.services.views.grids.asking import LONGEST_PAGE, within
from engine.services.work import Work

Number = Annotated[int, Path(ge=1, le=2**53)]
Owner = Annotated[int | None, Query(ge=1, le=2**53)]
Word = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]+$")]
_CHANGES: Final = refusals(404, 409, 412, 428)


def accounts_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/accounts", tags=["accounts"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_accounts", responses=refusals())
    async def list_(
        caller: Calling,
        q: Search = None,
        owner_id: Owner = None,
        country: Word = None,
        industry: Word = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.AccountPage:
        """Accounts by number, narrowed by all that is given."""
        after = 0 if cursor is None else int(read_cursor(cursor, int)[0])
        given = {"owner_id": owner_id, "country": country, "industry": industry}
        conditions = tuple(
            Condition(name, "any", (value,)) for name, value in given.items() if value is not None
        )
        state = GridState("account", search=(q or "").strip(), conditions=conditions)
        async with parts.store.transaction() as session:
            async with within(session, LONGEST_PAGE):
                ids = await grid_ids(
                    *(session, caller.actor, state, moment_of(parts)), after=after, limit=limit + 1
                )
            hidden = hidden_in(caller.actor, "account")
            lines = await lines_of(session, "account", ids[:limit], hidden)
        return shapes.AccountPage(
            items=[account_shown(one) for one in lines],
            next=cursor_of(ids[limit - 1]) if len(ids) > limit else None,
        )

    @router.post(
        "",
        operation_id="create_account",
        status_code=201,
        response_model=shapes.AccountLine,
        responses=refusals(409),
    )
    async def create(
        given: shapes.AccountGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Make an account, the caller's unless another owner is named."""

        async def deed(work: Work) -> Answer:
            made = await create_account(work, caller.actor, given.fields.said())
            seen = await see_record(work.session, caller.actor, "account", made)
            place = {"Location": f"/api/accounts/{made}"}
            return answer_of(201, account_shown(seen.line), _headers(seen) | place)

        return await work_once(request, caller, parts, key, deed)

    @router.post(
        "/bulk", operation_id="write_accounts", response_model=Outcomes, responses=refusals()
    )
    async def bulk(
        given: shapes.ManyAccountsGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Make and change up to 100; each is done or refused for itself."""

        async def deed(work: Work) -> Answer:
            async def one(item: shapes.AccountItem) -> int:
                fields = item.fields.said()
                if item.id is None:
                    return await create_account(work, caller.actor, fields)
                await edit_account(work, caller.actor, item.id, fields)
                return item.id

            outcomes = await each_of(work, given.items, one)
            return answer_of(200, Outcomes(items=outcomes))

        return await work_once(request, caller, parts, key, deed)

    @router.get(
        "/{account_id}",
        operation_id="get_account",
        response_model=shapes.AccountLine,
        responses=refusals(404),
    )
    async def get(account_id: Number, caller: Calling) -> Response:
        """One account; the ETag stands for what can be edited."""
        async with parts.store.transaction() as session:
            seen = await see_record(session, caller.actor, "account", account_id)
        body = account_shown(seen.line).model_dump_json()
        return Response(body, headers=_headers(seen), media_type="application/json")

    @router.patch(
        "/{account_id}",
        operation_id="change_account",
        response_model=shapes.AccountLine,
        responses=_CHANGES,
    )
    async def change(
        account_id: Number,
        given: shapes.AccountChange,
        request: Request,
        caller: Calling,
        if_match: IfMatch = None,
        key: IdempotencyKey = None,
    ) -> Response:
        """Change fields."""
        tag, fields = tag_in(if_match), given.fields.said()

        async def deed(work: Work) -> Answer:
            seen = await edit_seen(work, caller.actor, "account", account_id, fields, seen=tag)
            return answer_of(200, account_shown(seen.line), _headers(seen))

        return await work_once(request, caller, parts, key, deed)

    return router


def _headers(seen: SeenRecord) -> dict[str, str]:
    return {"ETag": quoted(seen.tag)}
