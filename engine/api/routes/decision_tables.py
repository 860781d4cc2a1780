"""`/api/decision-tables`: tables that rules and steps ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from crm_store.models import DecisionTable
from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.places import item_of
from engine.api.repeating import IdempotencyKey, answer_of, answer_once
from engine.api.shapes import decisions as shapes
from engine.api.shapes.common import ProblemItem
from engine.errors import Problem
from engine.rules.tables import TableProblem
from engine.services import decision_tables as tables
from engine.services.decision_tables.editing import show_table
from engine.services.idempotency import Answer

Name = Annotated[str, Path(pattern=shapes.NAME)]
_CHANGES: Final = refusals(404, 409, 412, 428)


def decision_tables_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/decision-tables",
        tags=["rules"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_decision_tables", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.TablePage:
        """All tables by name."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await tables.list_tables(session, caller.actor)
        rest = [one for one in found if one.name > after]
        return shapes.TablePage(
            items=[shapes.TableLine.model_validate(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].name) if len(rest) > limit else None,
        )

    @router.post("/check", operation_id="check_decision_table", responses=refusals())
    async def check(given: shapes.TableGiven, caller: Calling) -> shapes.Checked:
        """Mistakes by row and column, or what is doubtful; nothing is kept. The answer is 200 for a
        wrong table too."""
        async with parts.store.transaction() as session:
            found = await tables.check_document(session, caller.actor, given.document)
        return shapes.Checked(ok=not _errors(found), problems=[_item(one) for one in found])

    @router.post(
        "",
        operation_id="create_decision_table",
        status_code=201,
        response_model=shapes.TableShown,
        responses=refusals(409),
    )
    async def create(
        given: shapes.TableGiven, request: Request, caller: Calling, key: IdempotencyKey = None
    ) -> Response:
        """Keep a table."""

        async def effect(session: AsyncSession) -> Answer:
            made = await tables.create_table(session, caller.actor, given.document, parts.now())
            place = {"Location": f"/api/decision-tables/{made.name}"}
            return answer_of(201, _shown(made), _headers(made) | place)

        return await answer_once(request, caller, parts, key, effect)

    @router.get(
        "/{name}",
        operation_id="get_decision_table",
        response_model=shapes.TableShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One table, with an ETag."""
        async with parts.store.transaction() as session:
            return _answer(await show_table(session, caller.actor, name))

    @router.put(
        "/{name}",
        operation_id="put_decision_table",
        response_model=shapes.TableShown,
        responses=_CHANGES,
    )
    async def put(
        name: Name, given: shapes.TableGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Replace a table by another of the same name."""
        seen = _revision(tag_in(if_match))
        async with parts.store.transaction() as session:
            made = await tables.edit_table(
                session, caller.actor, name, given.document, parts.now(), seen=seen
            )
            return _answer(made)

    @router.delete(
        "/{name}",
        operation_id="delete_decision_table",
        status_code=204,
        responses=refusals(404, 409),
    )
    async def delete(name: Name, caller: Calling) -> None:
        """Remove a table; flows that ask it say so at their next check."""
        async with parts.store.transaction() as session:
            await tables.delete_table(session, caller.actor, name)

    @router.post("/{name}/ask", operation_id="ask_decision_table", responses=refusals(404))
    async def ask(name: Name, given: shapes.AskedGiven, caller: Calling) -> shapes.TableAnswer:
        """What the table says of one contact now, and why."""
        zone = parts.settings.company.default_zone
        async with parts.store.transaction() as session:
            found = await tables.ask_table(
                session, caller.actor, name, given.contact_id, parts.now(), zone
            )
        outputs = found.decision.outputs
        return shapes.TableAnswer(
            outputs=dict(outputs) if outputs is not None else None,
            hits=[one.row for one in found.decision.hits],
            why=[dict(one) for one in found.why],
        )

    return router


def _item(one: TableProblem) -> ProblemItem:
    return ProblemItem.model_validate(item_of(Problem(one.place, one.code, one.message)))


def _errors(found: Sequence[TableProblem]) -> list[TableProblem]:
    return [one for one in found if not one.warning]


def _shown(record: DecisionTable) -> shapes.TableShown:
    return shapes.TableShown.model_validate(record)


def _headers(record: DecisionTable) -> dict[str, str]:
    return {"ETag": quoted(str(record.revision))}


def _answer(record: DecisionTable) -> Response:
    body = _shown(record).model_dump_json()
    return Response(body, headers=_headers(record), media_type="application/json")


def _revision(tag: str) -> int | None:
    """None takes whatever is there; a tag that is none of ours fits nothing."""
    if tag == "*":
        return None
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 16 else 0
