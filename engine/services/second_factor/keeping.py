"""Setting a second factor up, using it, and doing without it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import one_time_links as rows
from crm_store import people
from crm_store.models import User
from engine.errors import Conflict, NotFound, NotSignedIn, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.roles.acting import actor_of, refuse_more_than_own
from engine.services.second_factor import codes
from engine.services.secrets import SecretBox
from engine.services.throttle import Throttle

_WRONG: Final = "this is not the code of this moment; wait for the next one"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Shown once and kept nowhere until a code proves that an app has it."""

    secret: str
    address: str
    picture: str

    def __repr__(self) -> str:
        return "Enrolment()"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """`since` None: there is none."""

    since: datetime | None
    recovery_codes_left: int


async def second_factor_of(session: AsyncSession, actor: Actor) -> SecondFactor:
    """One's own."""
    user = await _self(session, actor)
    left = await rows.recovery_codes_left(session, user.id) if user.totp_sealed else 0
    return SecondFactor(user.totp_since, left)


async def begin_second_factor(session: AsyncSession, actor: Actor) -> Enrolment:
    """Raises Conflict when there is one already."""
    user = await _self(session, actor)
    if user.totp_sealed is not None:
        raise Conflict("There is a second factor already. Remove it first.")
    secret = codes.new_secret()
    address = codes.address_of(secret, user.email or user.name)
    return Enrolment(secret, address, codes.picture_of(address))


async def confirm_second_factor(
    session: AsyncSession, actor: Actor, box: SecretBox, secret: str, code: str, now: datetime
) -> list[str]:
    """Recovery codes, shown this once. Raises Refused for a wrong code."""
    user = await _self(session, actor)
    if user.totp_sealed is not None:
        raise Conflict("There is a second factor already. Remove it first.")
    step = codes.step_of(secret, code, now) if codes.is_secret(secret) else None
    if step is None:
        raise Refused("The second factor was not set up.", [Problem("/code", "wrong", _WRONG)])
    values = {
        "totp_sealed": box.seal(secret, _purpose(user.id)),
        "totp_since": now,
        "totp_last_step": step,
    }
    await people.change_user(session, user.id, values)
    made = await _new_codes(session, user.id)
    await record(session, actor, "set_up", "second_factor", user.id)
    return made


async def new_recovery_codes(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    code: str,
    now: datetime,
    *,
    guesses: Throttle,
) -> list[str]:
    """Instead of those of before. Raises Refused for a wrong code, LimitReached for too many."""
    user = await _self(session, actor)
    await _prove(session, user, box, code, now, guesses)
    made = await _new_codes(session, user.id)
    await record(session, actor, "renew", "recovery_codes", user.id)
    return made


async def remove_second_factor(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    code: str,
    now: datetime,
    *,
    guesses: Throttle,
) -> None:
    """One's own, with a code or a recovery code. Raises Refused for a wrong one, LimitReached for
    too many."""
    user = await _self(session, actor)
    await _prove(session, user, box, code, now, guesses)
    await _without(session, user.id)
    await record(session, actor, "remove", "second_factor", user.id)


async def take_second_factor_away(session: AsyncSession, actor: Actor, user_id: int) -> None:
    """For somebody who lost telephone and recovery codes; their sign-ins end. Raises NotFound and
    Refused for somebody who may do more than the actor."""
    allowed(actor, "manage", "user")
    user = await people.user_by_id(session, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    said = f"{user.name} was not changed."
    await refuse_more_than_own(session, actor, user.role, said)
    if user.totp_sealed is None:
        return
    await _without(session, user_id)
    await people.change_credentials(session, user_id, {})
    await record(session, actor, "take_away", "second_factor", user_id)


async def is_right(
    session: AsyncSession, user: User, box: SecretBox, code: str, now: datetime
) -> bool:
    """Whether this is their code now, or one of their recovery codes. Each is right once."""
    if user.totp_sealed is None:
        return False
    step = codes.step_of(box.open(user.totp_sealed, _purpose(user.id)), code, now)
    if step is not None:
        return await rows.take_step(session, user.id, step)
    hashed = codes.recovery_hash(code, user.id)
    if not await rows.use_recovery_code(session, user.id, hashed, now):
        return False
    own = await actor_of(session, user)
    await record(session, own, "use", "recovery_code", user.id)
    return True


async def _prove(
    session: AsyncSession, user: User, box: SecretBox, code: str, now: datetime, guesses: Throttle
) -> None:
    if user.totp_sealed is None:
        raise Conflict("There is no second factor.")
    # whoever found a page open must not try out six digits; it keeps nobody from signing in
    with guesses.attempt(f"prove:{user.id}", f"user {user.id}", firmly=True) as attempt:
        if not await is_right(session, user, box, code, now):
            raise Refused("Nothing was changed.", [Problem("/code", "wrong", _WRONG)])
        attempt.succeeded()


async def _without(session: AsyncSession, user_id: int) -> None:
    await people.change_user(session, user_id, {"totp_sealed": None, "totp_since": None})
    await rows.put_recovery_codes(session, user_id, [])


async def _new_codes(session: AsyncSession, user_id: int) -> list[str]:
    made = codes.new_recovery_codes()
    hashes = [codes.recovery_hash(one, user_id) for one in made]
    await rows.put_recovery_codes(session, user_id, hashes)
    return made


async def _self(session: AsyncSession, actor: Actor) -> User:
    # a key acts for somebody and is not them
    user = None
    if actor.kind == "user" and actor.id is not None and actor.scopes is None:
        user = await people.user_by_id(session, actor.id)
    if user is None:
        raise NotSignedIn("Only a person who is signed in has a second factor.")
    return user


def _purpose(user_id: int) -> str:
    return f"totp:{user_id}"
