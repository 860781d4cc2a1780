"""`/api/flows`: flows, their drafts, and putting them into force."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.flow_words import diff_shown, flow_shown, plan_shown, told
from engine.api.if_match import IfMatch, PreconditionRequired, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.rates import HeavyLine
from engine.api.shapes import flows as shapes
from engine.api.shapes.segments import NAME
from engine.errors import Problem, Refused
from engine.services import flows
from engine.services.actor import Actor
from engine.services.flow_files.exporting import exported
from engine.services.flow_files.findings import findings_in
from engine.services.flow_files.forecast import forecast
from engine.services.version_moves.comparing import compared
from engine.services.views.flows import flow_counts, flow_list, flow_page

Name = Annotated[str, Path(pattern=NAME)]
Number = Annotated[int, Path(ge=1, le=2**31)]
Versions = Annotated[int, Query(ge=1, le=2**31)]
Version = Annotated[int | None, Query(ge=1, le=2**31, description="By node of this version.")]
_FLOW: Final = "flow"
SetState = Callable[[AsyncSession, Actor, str, datetime], Awaitable[None]]


def flows_router(parts: Parts, heavy: HeavyLine) -> APIRouter:
    router = APIRouter(
        prefix="/api/flows", tags=["flows"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_flows", responses=refusals())
    async def list_(caller: Calling, limit: Limit = 50, cursor: Cursor = None) -> shapes.FlowPage:
        """All flows by name, with their figures over all versions."""
        after = "" if cursor is None else str(read_cursor(cursor, str)[0])
        async with parts.store.transaction() as session:
            found = await flow_list(session, caller.actor)
        rest = sorted((one for one in found if one.name > after), key=lambda one: one.name)
        return shapes.FlowPage(
            items=[shapes.FlowLine.model_validate(one) for one in rest[:limit]],
            next=cursor_of(rest[limit - 1].name) if len(rest) > limit else None,
        )

    @router.post("/check", operation_id="check_flow", responses=refusals())
    async def check(given: shapes.SourceGiven, caller: Calling) -> shapes.FlowChecked:
        """Every mistake that can be found without running it, with its line; the answer is 200 for
        a wrong flow too. Nothing is kept."""
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await findings_in(
                session, caller.actor, given.source, library=parts.library, file=_FLOW
            )
        errors, warnings = told(found.problems)
        return shapes.FlowChecked(
            ok=not errors, name=found.name, problems=errors, warnings=warnings
        )

    @router.post("/plan", operation_id="plan_flow", responses=refusals())
    async def plan(given: shapes.SourceGiven, caller: Calling) -> shapes.PlanShown:
        """What publishing this text would do: what differs, who is inside, who would enter at once.
        Nothing is kept."""
        zone = parts.settings.company.default_zone
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            found = await forecast(
                *(session, caller.actor, given.source),
                file=_FLOW,
                library=parts.library,
                now=parts.now(),
                zone=zone,
            )
        return plan_shown(found)

    @router.get(
        "/{name}",
        operation_id="get_flow",
        response_model=shapes.FlowShown,
        responses=refusals(404),
    )
    async def get(name: Name, caller: Calling) -> Response:
        """One flow with its draft and its versions; the ETag stands for the draft."""
        async with parts.store.transaction() as session:
            found = await flow_page(session, caller.actor, name)
        body = flow_shown(found).model_dump_json()
        headers = {"ETag": quoted(str(found.draft_revision))}
        return Response(body, headers=headers, media_type="application/json")

    @router.put(
        "/{name}/draft",
        operation_id="save_flow_draft",
        response_model=shapes.DraftSaved,
        responses=refusals(409, 412),
    )
    async def save(
        name: Name, given: shapes.SourceGiven, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Keep a text as the draft. Without If-Match the name must be new; a draft may be
        unfinished, a text that is no flow is refused with every line to mend."""
        over = None if if_match is None else _revision(tag_in(if_match))
        async with parts.store.transaction() as session:
            saved = await flows.save_draft(
                *(session, caller.actor, given.source),
                library=parts.library,
                file=_FLOW,
                over=over,
            )
            if saved.name != name:
                problem = Problem(
                    "/source", "other_name", f'the text is of the flow "{saved.name}"'
                )
                raise Refused("Nothing was kept.", [problem])
        errors, warnings = told(saved.problems)
        shown = shapes.DraftSaved(
            name=name, revision=saved.revision, problems=errors, warnings=warnings
        )
        headers = {"ETag": quoted(str(saved.revision))}
        return Response(shown.model_dump_json(), headers=headers, media_type="application/json")

    @router.post(
        "/{name}/publish", operation_id="publish_flow", responses=refusals(404, 409, 412, 428)
    )
    async def publish(
        name: Name, given: shapes.PublishGiven, caller: Calling, if_match: IfMatch = None
    ) -> shapes.PublishedShown:
        """Let people enter the draft (named by If-Match) from now on, or an older version again.
        Those inside keep the version they have. 409 `needs_approval`: a chain must agree first."""
        if given.version is None and if_match is None:
            raise PreconditionRequired("Nothing was published: send the draft's ETag as If-Match.")
        async with heavy.turn(caller.key_id), parts.store.transaction() as session:
            if given.version is None:
                await _same_draft(session, caller.actor, name, _revision(tag_in(if_match)))
            done = await flows.publish(
                *(session, caller.actor, name),
                plans=parts.shared.plans,
                library=parts.library,
                now=parts.now(),
                number=given.version,
            )
        if done.enrolment_id is not None:
            parts.pokes.audience(done.enrolment_id)
        parts.pokes.due_dates()
        return shapes.PublishedShown(
            name=name,
            version=done.number,
            unchanged=done.unchanged,
            enrolment_id=done.enrolment_id,
        )

    @router.post("/{name}/pause", operation_id="pause_flow", responses=refusals(404, 409))
    async def pause(name: Name, caller: Calling) -> shapes.FlowStateShown:
        """Hold everybody where they are: nobody moves and nothing is sent."""
        return await _set(parts, caller, name, flows.pause)

    @router.post("/{name}/resume", operation_id="resume_flow", responses=refusals(404, 409))
    async def resume(name: Name, caller: Calling) -> shapes.FlowStateShown:
        """Let people move again; what fell due meanwhile is done now."""
        return await _set(parts, caller, name, flows.resume)

    @router.post("/{name}/retire", operation_id="retire_flow", responses=refusals(404, 409))
    async def retire(name: Name, caller: Calling) -> shapes.FlowStateShown:
        """Let nobody enter any more; those inside finish. Publishing ends it."""
        return await _set(parts, caller, name, flows.retire)

    @router.get(
        "/{name}/versions/{number}", operation_id="get_flow_version", responses=refusals(404)
    )
    async def version(name: Name, number: Number, caller: Calling) -> shapes.VersionShown:
        """A published version as a text that makes the same flow again."""
        async with parts.store.transaction() as session:
            source = await exported(session, caller.actor, name, number)
        return shapes.VersionShown(name=name, number=number, source=source)

    @router.get("/{name}/diff", operation_id="diff_flow", responses=refusals(404))
    async def diff(
        name: Name, from_version: Versions, to_version: Versions, caller: Calling
    ) -> shapes.DiffShown:
        """What differs between two published versions, node by node."""
        async with parts.store.transaction() as session:
            found = await compared(session, caller.actor, name, from_version, to_version)
        return diff_shown(found.diff)

    @router.get("/{name}/counts", operation_id="count_flow", responses=refusals(404))
    async def counts(name: Name, caller: Calling, version: Version = None) -> shapes.CountsShown:
        """How many are where now, of the published version or of another one."""
        async with parts.store.transaction() as session:
            found = await flow_page(session, caller.actor, name)
            numbers = {one.number: one.id for one in found.versions}
            of = found.version_id if version is None else numbers.get(version, 0)
            counted = await flow_counts(session, caller.actor, name, of)
        return shapes.CountsShown(
            state=counted.state,
            numbers=shapes.NumbersShown.model_validate(counted.numbers),
            nodes={
                node: shapes.NodeShown(
                    entered=one.entered, here=one.here, held=one.held, left=dict(one.left)
                )
                for node, one in counted.nodes.items()
            },
            paused=dict(counted.paused),
        )

    return router


async def _set(parts: Parts, caller: Calling, name: str, how: SetState) -> shapes.FlowStateShown:
    async with parts.store.transaction() as session:
        await how(session, caller.actor, name, parts.now())
        found: Any = await flow_page(session, caller.actor, name)
    shared = parts.shared
    flows.poke_all(
        parts.pokes,
        name,
        advance_shards=shared.advance_shards,
        perform_shards=shared.perform_shards,
    )
    return shapes.FlowStateShown(name=name, state=found.state)


async def _same_draft(session: AsyncSession, actor: Actor, name: str, revision: int) -> None:
    found = await flow_page(session, actor, name)
    if revision not in (flows.ANY_REVISION, found.draft_revision):
        raise flows.DraftChangedMeanwhile(
            f'The draft of "{name}" was changed since you read it. Nothing was published.'
        )


def _revision(tag: str) -> int:
    """A tag that is none of ours fits no draft."""
    if tag == "*":
        return flows.ANY_REVISION
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 16 else 0
