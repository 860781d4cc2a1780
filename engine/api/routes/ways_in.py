"""`/api/people/{user_id}/...`: somebody's role and way in, and what is said of their work."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import access as shapes
from engine.services.invitations.links import make_service_account, open_invitations
from engine.services.organisation.profiles import Profile, set_manager, set_profile
from engine.services.people import deactivate_user, reactivate_user, set_role, show_user
from engine.services.second_factor.keeping import take_second_factor_away

Number = Annotated[int, Path(ge=1, le=2**53, description="The person's number.")]
_DONE: Final[dict[str, Any]] = {"status_code": 204, "responses": refusals(404, 409)}


def ways_in_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api", tags=["people"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get(
        "/people/{user_id}/access", operation_id="get_person_access", responses=refusals(404)
    )
    async def access(user_id: Number, caller: Calling) -> shapes.AccessShown:
        """How somebody comes in."""
        async with parts.store.transaction() as session:
            person = await show_user(session, caller.actor, user_id)
            invited = await open_invitations(session, caller.actor, parts.now())
        return shapes.AccessShown(
            user_id=person.id,
            name=person.name,
            email=person.email,
            role=person.role,
            active=person.active,
            service_account=person.service_account,
            can_sign_in=person.can_sign_in,
            must_change_password=person.must_change_password,
            has_second_factor=person.has_second_factor,
            invited_until=invited.get(person.id),
        )

    @router.put("/people/{user_id}/role", operation_id="set_person_role", **_DONE)
    async def role(user_id: Number, given: shapes.RoleOfGiven, caller: Calling) -> None:
        """Another role; every sign-in of theirs ends."""
        async with parts.store.transaction() as session:
            await set_role(session, caller.actor, user_id, given.role, parts.now())
        parts.pokes.clocks()

    @router.post("/people/{user_id}/deactivate", operation_id="deactivate_person", **_DONE)
    async def deactivate(user_id: Number, caller: Calling) -> None:
        """They are signed out everywhere, and their keys work no more. Twice changes nothing."""
        async with parts.store.transaction() as session:
            await deactivate_user(session, caller.actor, user_id, parts.now())
        parts.pokes.clocks()

    @router.post("/people/{user_id}/reactivate", operation_id="reactivate_person", **_DONE)
    async def reactivate(user_id: Number, caller: Calling) -> None:
        """Let somebody in again, by a link: the password of before opens nothing."""
        async with parts.store.transaction() as session:
            await reactivate_user(session, caller.actor, user_id, parts.now())
        parts.pokes.clocks()

    @router.delete(
        "/people/{user_id}/second-factor", operation_id="take_second_factor_away", **_DONE
    )
    async def second_factor(user_id: Number, caller: Calling) -> None:
        """For a lost telephone: be sure that it is they who ask. Their sign-ins end."""
        async with parts.store.transaction() as session:
            await take_second_factor_away(session, caller.actor, user_id)

    @router.put("/people/{user_id}/manager", operation_id="set_person_manager", **_DONE)
    async def manager(user_id: Number, given: shapes.ManagerGiven, caller: Calling) -> None:
        """Say whom somebody reports to, which decides who approves."""
        async with parts.store.transaction() as session:
            await set_manager(session, caller.actor, user_id, given.manager_id, parts.now())
        parts.pokes.clocks()

    @router.put(
        "/people/{user_id}/profile", operation_id="put_person_profile", responses=refusals(404)
    )
    async def profile(
        user_id: Number, given: shapes.ProfileGiven, caller: Calling
    ) -> shapes.ProfileShown:
        """Replace where and when somebody works and what they can do."""
        wanted = Profile(given.zone, given.calendar, tuple(given.skills), tuple(given.territories))
        async with parts.store.transaction() as session:
            kept = await set_profile(session, caller.actor, user_id, wanted, parts.now())
        parts.pokes.clocks()
        return shapes.ProfileShown.model_validate(kept)

    @router.post(
        "/service-accounts",
        operation_id="create_service_account",
        status_code=201,
        responses=refusals(409),
    )
    async def service_account(given: shapes.ServiceAccountGiven, caller: Calling) -> shapes.Made:
        """An account that programs act as, by keys; nobody signs in as it."""
        async with parts.store.transaction() as session:
            made = await make_service_account(
                session, caller.actor, name=given.name, address=given.address, role=given.role
            )
        return shapes.Made(id=made)

    return router
