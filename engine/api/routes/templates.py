"""`/api/templates`: message templates of the files and of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.places import item_of
from engine.api.rates import HeavyLine
from engine.api.shapes import templates as shapes
from engine.api.shapes.common import ProblemItem, Shown, Words
from engine.errors import Problem
from engine.services.templates.checking import Checked
from engine.services.templates.drafts import (
    SavedTemplate,
    TemplateDetail,
    TemplateSummary,
    check_files,
    list_templates,
    save_template,
    see_template,
)
from engine.services.templates.publishing import (
    files_of_version,
    publish_template,
    retire_template,
)
from engine.services.templates.trying import render_template

Name = Annotated[str, Path(pattern=shapes.NAME)]
Number = Annotated[int, Path(ge=1, le=2**31)]
_EDITS: Final = refusals(404, 409, 412, 428)


def templates_router(parts: Parts, heavy: HeavyLine) -> APIRouter:
    router = APIRouter(
        prefix="/api/templates",
        tags=["templates"],
        route_class=JsonRoute,
        dependencies=ASKS_FOR_KEY,
    )

    @router.get("", operation_id="list_templates", responses=refusals())
    async def list_(
        caller: Calling, limit: Limit = 50, cursor: Cursor = None
    ) -> shapes.TemplatePage:
        """All templates by name, those of the files and those of the database."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await list_templates(session, caller.actor, parts.library)
        rest = [one for one in found if one.name > after]
        return shapes.TemplatePage(
            items=[shapes.TemplateLine(**_line(one)) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].name) if len(rest) > limit else None,
        )

    @router.get(
        "/{name}",
        operation_id="get_template",
        response_model=shapes.TemplateShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One template: the texts of its draft, and its published versions. The ETag stands for the
        draft; files alone have none."""
        async with parts.store.transaction() as session:
            seen = await see_template(session, caller.actor, parts.library, name)
        return _answer(200, _shown(seen), seen.tag)

    @router.put(
        "/{name}",
        operation_id="save_template",
        response_model=shapes.SavedShown,
        responses=refusals(404, 409, 412)
        | {201: {"model": shapes.SavedShown, "description": "Made"}},
    )
    async def save(
        name: Name, given: shapes.FilesGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Keep texts as the draft; what is sent does not change. Without If-Match the name must be
        new. A draft may have problems; the answer lists them."""
        seen = None if if_match is None else tag_in(if_match)
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            saved = await save_template(
                session,
                caller.actor,
                parts.library,
                name,
                given.files,
                now=parts.now(),
                seen=seen,
            )
        body = shapes.SavedShown(name=name, check=_check(saved.checked))
        return _answer(201 if saved.created else 200, body, saved.tag, _location(saved))

    @router.post("/{name}/check", operation_id="check_template", responses=refusals(404))
    async def check(name: Name, given: shapes.FilesGiven, caller: Calling) -> shapes.CheckShown:
        """Say what keeps these texts from being published, and what would be better. Nothing is
        kept."""
        async with heavy.turn(caller.key_id):
            found = await check_files(
                parts.store.transaction, caller.actor, parts.library, name, given.files
            )
        return _check(found)

    @router.post("/{name}/publish", operation_id="publish_template", responses=_EDITS)
    async def publish(
        name: Name, given: shapes.PublishGiven, caller: Calling, if_match: IfMatch = None
    ) -> shapes.PublishedShown:
        """Send the draft from now on, or with `version` an older version again."""
        tag = tag_in(if_match) if given.version is None else None
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            done = await publish_template(
                session,
                caller.actor,
                parts.library,
                name,
                now=parts.now(),
                number=given.version,
                seen=tag,
            )
        return shapes.PublishedShown(
            name=name,
            version=done.number,
            unchanged=done.unchanged,
            warnings=_items(done.checked.warnings),
        )

    @router.post(
        "/{name}/retire",
        operation_id="retire_template",
        status_code=204,
        responses=refusals(404, 409),
    )
    async def retire(name: Name, caller: Calling) -> None:
        """Send it no more; files of the same name are sent again."""
        async with parts.store.transaction() as session:
            await retire_template(session, caller.actor, parts.library, name, now=parts.now())

    @router.get(
        "/{name}/versions/{number}",
        operation_id="get_template_version",
        responses=refusals(404),
    )
    async def version(name: Name, number: Number, caller: Calling) -> shapes.FilesShown:
        """The texts of a published version."""
        async with parts.store.transaction() as session:
            found = await files_of_version(session, caller.actor, name, number)
        return shapes.FilesShown(files=dict(found))

    @router.post("/{name}/render", operation_id="render_template", responses=refusals(404))
    async def render(name: Name, given: shapes.WhomGiven, caller: Calling) -> shapes.LetterShown:
        """The message as a made-up contact would get it. Nothing is sent."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await render_template(
                session,
                caller.actor,
                parts.library,
                name,
                files=given.files,
                facts=given.facts,
                language=given.language,
                zone=given.zone,
            )
        return shapes.LetterShown.model_validate(found)

    return router


def _line(one: TemplateSummary) -> dict[str, object]:
    meta = one.meta
    return {
        "name": one.name,
        "origin": one.origin,
        "state": one.state,
        "version": one.version,
        "label": None if meta is None else Words(en=meta.label.en, zh=meta.label.zh),
        "purpose": None if meta is None else meta.purpose,
        "topic": None if meta is None else meta.topic,
        "covers_file": one.covers_file,
        "updated_at": one.updated_at,
    }


def _shown(seen: TemplateDetail) -> shapes.TemplateShown:
    return shapes.TemplateShown.model_validate(
        _line(seen.summary)
        | {
            "files": dict(seen.files),
            "versions": [shapes.VersionShown.model_validate(one) for one in seen.versions],
        }
    )


def _check(found: Checked) -> shapes.CheckShown:
    return shapes.CheckShown(
        problems=_items(found.problems),
        warnings=_items(found.warnings),
        languages=list(found.languages),
        bytes=found.bytes,
    )


def _items(problems: Sequence[Problem]) -> list[ProblemItem]:
    return [ProblemItem.model_validate(item_of(one)) for one in problems]


def _location(saved: SavedTemplate) -> dict[str, str]:
    return {"Location": f"/api/templates/{saved.name}"} if saved.created else {}


def _answer(
    status: int, body: Shown, tag: str | None, more: Mapping[str, str] | None = None
) -> Response:
    headers = {**(more or {}), **({"ETag": quoted(tag)} if tag else {})}
    return Response(body.model_dump_json(), status, headers, "application/json")
