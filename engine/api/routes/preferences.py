"""`/api/contacts/{id}/preferences` and beside it: what a contact wants, asked and changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.repeating import IdempotencyKey, answer_of, answer_once
from engine.api.shapes import preferences as shapes
from engine.services import consent
from engine.services.actor import Actor
from engine.services.consent import ConsentChange
from engine.services.idempotency import Answer
from engine.services.preferences import Choice, choose
from engine.services.preferences.wishes import Wishes, wishes_of
from engine.services.subscribing import ask_for_consent

Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The contact's number.")]


def preferences_api_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/contacts", tags=["contacts"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )
    partitions = parts.settings.drivers.dispatch_partitions

    async def shown(session: AsyncSession, actor: Actor, contact_id: int) -> shapes.WishesShown:
        return _shown(await wishes_of(session, actor, contact_id, parts.now()))

    @router.get(
        "/{contact_id}/preferences", operation_id="get_preferences", responses=refusals(404)
    )
    async def get(contact_id: Number, caller: Calling) -> shapes.WishesShown:
        """Consents with their evidence, topics, how often, and what keeps them from being written
        to."""
        async with parts.store.transaction() as session:
            return await shown(session, caller.actor, contact_id)

    @router.patch(
        "/{contact_id}/preferences", operation_id="change_preferences", responses=refusals(404)
    )
    async def change(
        contact_id: Number, given: shapes.ChoiceGiven, caller: Calling
    ) -> shapes.WishesShown:
        """Topics, how often, and not to be measured, as the contact said. Twice is once."""
        async with parts.store.transaction() as session:
            done = await choose(
                session,
                caller.actor,
                contact_id,
                Choice(given.topics, given.frequency, given.unmeasured),
                source=given.source,
                now=parts.now(),
                partitions=partitions,
            )
            found = await shown(session, caller.actor, contact_id)
        parts.pokes.dispatch(done.event_partitions)
        return found

    @router.put("/{contact_id}/consents", operation_id="record_consent", responses=refusals(404))
    async def record(
        contact_id: Number, given: shapes.ConsentGiven, caller: Calling
    ) -> shapes.WishesShown:
        """A yes or a no that was given elsewhere. It holds at once. Twice is once."""
        async with parts.store.transaction() as session:
            done = await _recorded(session, caller.actor, contact_id, given, parts, partitions)
            found = await shown(session, caller.actor, contact_id)
        parts.pokes.dispatch(done.event_partitions)
        return found

    @router.post(
        "/{contact_id}/subscription-requests",
        operation_id="ask_for_consent",
        status_code=202,
        response_model=shapes.SubscriptionShown,
        responses=refusals(404, 409),
    )
    async def ask(
        contact_id: Number,
        given: shapes.SubscriptionGiven,
        request: Request,
        caller: Calling,
        key: IdempotencyKey = None,
    ) -> Response:
        """Have the contact confirm that they want messages (double opt-in). The ready flow
        `confirm_subscription` sends the letter; asked again within a day, nothing is sent."""
        touched: set[int] = set()

        async def effect(session: AsyncSession) -> Answer:
            asked = await ask_for_consent(
                session,
                caller.actor,
                contact_id,
                medium=given.channel,
                purpose=given.purpose,
                topics=given.topics,
                source=given.source,
                text_version=given.text_version,
                now=parts.now(),
                partitions=partitions,
            )
            touched.update(asked.event_partitions)
            answer = shapes.SubscriptionShown(standing=asked.standing, request=asked.request_id)
            return answer_of(202, answer)

        answer = await answer_once(request, caller, parts, key, effect)
        parts.pokes.dispatch(touched)
        return answer

    return router


async def _recorded(
    session: AsyncSession,
    actor: Actor,
    contact_id: int,
    given: shapes.ConsentGiven,
    parts: Parts,
    partitions: int,
) -> ConsentChange:
    if given.granted:
        return await consent.grant(
            session,
            actor,
            contact_id,
            channel=given.channel,
            purpose=given.purpose,
            lawful_basis=given.lawful_basis,
            source=given.source,
            now=parts.now(),
            partitions=partitions,
        )
    return await consent.withdraw(
        session,
        actor,
        contact_id,
        channel=given.channel,
        purpose=given.purpose,
        source=given.source,
        now=parts.now(),
        partitions=partitions,
        all_mail=given.all_mail,
    )


def _shown(wishes: Wishes) -> shapes.WishesShown:
    return shapes.WishesShown(
        contact=wishes.contact_id,
        consents=[shapes.ConsentShown.model_validate(one) for one in wishes.consents],
        topics={topic.slug: wishes.hears_of(topic) for topic in wishes.topics},
        chosen=dict(wishes.preference.topics),
        frequency=wishes.preference.frequency,
        unmeasured=wishes.preference.unmeasured,
        suppressed=[
            shapes.SuppressionShown(channel=channel, reason=reason)
            for channel, reason in wishes.suppressed
        ],
        requests=[
            shapes.RequestShown.model_validate(
                {**{name: getattr(one, name) for name in shapes.RequestShown.model_fields},
                 "topics": list(one.topics)}
            )
            for one in wishes.requests
        ],
    )  # fmt: skip
