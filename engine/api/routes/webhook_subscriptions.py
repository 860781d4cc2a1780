"""`/api/webhooks`: systems that are told what happens, the log of it, and sending again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.if_match import IfMatch, quoted, tag_in
from engine.api.json_bodies import JsonRoute
from engine.api.pages import Cursor, Limit, cursor_of, read_cursor
from engine.api.parts import Parts
from engine.api.shapes import webhooks as shapes
from engine.errors import Problem, Refused
from engine.services import subscriptions as service
from engine.services.actor import Actor
from engine.services.deliveries import (
    list_deliveries,
    see_delivery,
    send_deliveries_again,
    send_missed,
    send_since_again,
)
from engine.services.secrets import SecretBox
from engine.services.subscriptions import AskedSubscription, KnownSubscription, asked_of

Id = Annotated[int, Path(ge=1, le=2**53)]
StatesAsked = Annotated[
    list[shapes.State] | None, Query(description="Only deliveries in these states.")
]
TypeAsked = Annotated[str, Query(max_length=300, description="Only of this event.")]


def webhook_subscriptions_router(parts: Parts, box: SecretBox) -> APIRouter:
    router = APIRouter(
        prefix="/api/webhooks", tags=["webhooks"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("", operation_id="list_webhooks", responses=refusals())
    async def list_(caller: Calling) -> shapes.WebhookList:
        """All subscriptions by name."""
        async with parts.store.transaction() as session:
            found = await service.list_subscriptions(session, caller.actor)
        return shapes.WebhookList(items=[_shown(one) for one in found])

    @router.post("", operation_id="create_webhook", status_code=201, responses=refusals(409))
    async def create(given: shapes.WebhookGiven, caller: Calling) -> shapes.WebhookSecret:
        """Subscribe a system. It is told nothing until a test succeeds or it is enabled."""
        asked = AskedSubscription(**given.model_dump(exclude={"secret"}))
        async with parts.store.transaction() as session:
            made = await service.create_subscription(
                session, caller.actor, box, asked, parts.now(), secret=given.secret
            )
        return shapes.WebhookSecret(id=made.id, secret=made.secret)

    @router.get(
        "/{webhook_id}",
        operation_id="get_webhook",
        response_model=shapes.WebhookShown,
        responses=refusals(404),
    )
    async def get(webhook_id: Id, caller: Calling) -> Response:
        """One subscription; its ETag stands for what can be edited in it."""
        async with parts.store.transaction() as session:
            return await _answer(session, caller.actor, webhook_id)

    @router.patch(
        "/{webhook_id}",
        operation_id="change_webhook",
        response_model=shapes.WebhookShown,
        responses=refusals(404, 409, 412, 428),
    )
    async def change(
        webhook_id: Id, given: shapes.WebhookChange, caller: Calling, if_match: IfMatch = None
    ) -> Response:
        """Change it; what waits goes to the new address."""
        tag = tag_in(if_match)
        changed: dict[str, Any] = given.model_dump(exclude_unset=True)
        async with parts.store.transaction() as session:
            known = await service.see_subscription(session, caller.actor, webhook_id)
            asked = asked_of(known.row, **_without_nulls(changed))
            await service.change_subscription(
                session, caller.actor, webhook_id, asked, parts.now(), revision=_revision(tag)
            )
            return await _answer(session, caller.actor, webhook_id)

    @router.delete(
        "/{webhook_id}", operation_id="delete_webhook", status_code=204, responses=refusals(404)
    )
    async def delete(webhook_id: Id, caller: Calling) -> None:
        """Remove it with everything that waits and its log."""
        async with parts.store.transaction() as session:
            await service.remove_subscription(session, caller.actor, webhook_id)

    @router.post("/{webhook_id}/enable", operation_id="enable_webhook", responses=refusals(404))
    async def enable(webhook_id: Id, caller: Calling) -> shapes.WebhookShown:
        """From now on it is told; what waited goes."""
        async with parts.store.transaction() as session:
            await service.enable_subscription(session, caller.actor, webhook_id, parts.now())
            shown = await _seen(session, caller.actor, webhook_id)
        parts.pokes.webhooks()
        return shown

    @router.post("/{webhook_id}/disable", operation_id="disable_webhook", responses=refusals(404))
    async def disable(webhook_id: Id, caller: Calling) -> shapes.WebhookShown:
        """It is told nothing more; what waits is kept."""
        async with parts.store.transaction() as session:
            await service.disable_subscription(session, caller.actor, webhook_id, parts.now())
            return await _seen(session, caller.actor, webhook_id)

    @router.post(
        "/{webhook_id}/test",
        operation_id="test_webhook",
        status_code=202,
        responses=refusals(404),
    )
    async def test(webhook_id: Id, caller: Calling) -> shapes.TestQueued:
        """Send a `webhook.test`, once. A success enables a subscription that is new."""
        async with parts.store.transaction() as session:
            made = await service.test_subscription(session, caller.actor, webhook_id, parts.now())
        parts.pokes.webhooks()
        return shapes.TestQueued(delivery=made)

    @router.post(
        "/{webhook_id}/rotate", operation_id="rotate_webhook_secret", responses=refusals(404)
    )
    async def rotate(
        webhook_id: Id, given: shapes.Rotation, caller: Calling
    ) -> shapes.WebhookSecret:
        """A new secret; messages carry both signatures for a while."""
        async with parts.store.transaction() as session:
            made = await service.rotate_secret(
                session,
                caller.actor,
                box,
                webhook_id,
                parts.now(),
                overlap=timedelta(hours=given.overlap_hours),
                secret=given.secret,
            )
        return shapes.WebhookSecret(id=made.id, secret=made.secret)

    @router.get("/{webhook_id}/deliveries", operation_id="list_deliveries", responses=refusals(404))
    async def deliveries(
        webhook_id: Id,
        caller: Calling,
        state: StatesAsked = None,
        type: TypeAsked = "",  # noqa: A002 - the name of the parameter
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> shapes.DeliveryPage:
        """What it was told or is to be told, the newest first."""
        before = None if cursor is None else int(read_cursor(cursor, int)[0])
        async with parts.store.transaction() as session:
            found = await list_deliveries(
                *(session, caller.actor, webhook_id),
                states=state or (),
                kind=type,
                before=before,
                limit=limit,
            )
        lines = [shapes.DeliveryLine.model_validate(one) for one in found.rows]
        return shapes.DeliveryPage(
            items=lines, next=cursor_of(lines[-1].id) if found.older else None
        )

    @router.get("/deliveries/{delivery_id}", operation_id="get_delivery", responses=refusals(404))
    async def delivery(delivery_id: Id, caller: Calling) -> shapes.DeliveryShown:
        """One delivery: what is sent, and how each try ended."""
        async with parts.store.transaction() as session:
            seen = await see_delivery(session, caller.actor, delivery_id)
        return shapes.DeliveryShown(
            **shapes.DeliveryLine.model_validate(seen.row).model_dump(),
            webhook=seen.row.subscription_id,
            body=seen.body,
            body_cut=seen.cut,
            tries=[shapes.AttemptShown.model_validate(one) for one in seen.attempts],
        )

    @router.post(
        "/{webhook_id}/replay",
        operation_id="replay_deliveries",
        status_code=202,
        responses=refusals(404),
    )
    async def replay(webhook_id: Id, given: shapes.Replay, caller: Calling) -> shapes.Replayed:
        """Send again, with the message ids they had."""
        async with parts.store.transaction() as session:
            count = await _again(session, caller.actor, webhook_id, given)
        parts.pokes.webhooks()
        return shapes.Replayed(count=count)

    async def _again(
        session: AsyncSession, actor: Actor, webhook_id: int, given: shapes.Replay
    ) -> int:
        if (given.deliveries is None) == (given.since is None):
            message = "name deliveries, or a moment since when"
            raise Refused("Nothing was sent again.", [Problem("/since", "missing", message)])
        now = parts.now()
        if given.since is None:
            return await send_deliveries_again(
                session, actor, webhook_id, given.deliveries or [], now
            )
        if given.missed:
            return await send_missed(session, actor, webhook_id, given.since, now)
        return await send_since_again(session, actor, webhook_id, given.since, given.states, now)

    return router


async def _seen(session: AsyncSession, actor: Actor, webhook_id: int) -> shapes.WebhookShown:
    return _shown(await service.see_subscription(session, actor, webhook_id))


async def _answer(session: AsyncSession, actor: Actor, webhook_id: int) -> Response:
    known = await service.see_subscription(session, actor, webhook_id)
    return Response(
        _shown(known).model_dump_json(),
        headers={"ETag": quoted(str(known.row.revision))},
        media_type="application/json",
    )


def _shown(known: KnownSubscription) -> shapes.WebhookShown:
    return shapes.WebhookShown(
        **{
            name: value
            for name, value in known.row._asdict().items()
            if name in shapes.WebhookShown.model_fields
        },
        waiting=known.figures.waiting,
        failed=known.figures.failed,
    )


def _without_nulls(changed: dict[str, Any]) -> dict[str, Any]:
    """Only a rule and an owner can be taken away."""
    return {
        name: value
        for name, value in changed.items()
        if value is not None or name in ("rule", "owner_id")
    }


def _revision(tag: str) -> int | None:
    """A tag that is none of ours fits no revision."""
    if tag == "*":
        return None
    return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 18 else -1
