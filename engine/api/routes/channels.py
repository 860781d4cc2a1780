"""`/api/channels` and `/api/senders`: ways to hand messages over, and who writes; read only."""

from __future__ import annotations

from fastapi import APIRouter

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import channels as shapes
from engine.services.channels import Identity, WarmUp, list_channels, list_identities


def channels_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["channels"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("/channels", operation_id="list_channels", responses=refusals())
    async def channels(caller: Calling) -> shapes.ChannelsShown:
        """Channels that were added by name, and the default one once it has limits."""
        async with parts.store.transaction() as session:
            found = await list_channels(session, caller.actor)
        return shapes.ChannelsShown(
            items=[shapes.ChannelShown.model_validate(one) for one in found]
        )

    @router.get("/senders", operation_id="list_senders", responses=refusals())
    async def senders(caller: Calling) -> shapes.SendersShown:
        """Who messages may come from, by the name that templates and steps use."""
        async with parts.store.transaction() as session:
            found = await list_identities(session, caller.actor)
        return shapes.SendersShown(items=[_sender(one) for one in found])

    return router


def _sender(one: Identity) -> shapes.SenderShown:
    sender = one.sender
    return shapes.SenderShown(
        slug=one.slug,
        name=sender.name,
        address=sender.address,
        reply_to=sender.reply_to,
        domain=one.domain,
        warm_up=_warm_up(one.warm_up),
    )


def _warm_up(plan: WarmUp | None) -> shapes.WarmUpShown | None:
    return None if plan is None else shapes.WarmUpShown.model_validate(plan)
