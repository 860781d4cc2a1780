"""Who messages come from, by name."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import channels as rows
from engine.channels.address import is_address, on_the_wire
from engine.channels.base import Sender
from engine.errors import NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.channels.allowance import WarmUp
from engine.services.channels.registry import warm_up_of
from engine.services.channels.ways import Identity

_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LONGEST_NAME: Final = 100


async def put_identity(
    session: AsyncSession,
    actor: Actor,
    slug: str,
    *,
    address: str,
    name: str | None = None,
    reply_to: str | None = None,
    warm_up: WarmUp | None = None,
    now: datetime,
) -> None:
    """A second one of the slug takes the place of the first. Raises Refused."""
    allowed(actor, "manage", "channel")
    problems = []
    if not _SLUG.fullmatch(slug):
        message = "name it with up to 63 small letters, digits and _"
        problems.append(Problem("/slug", "bad_name", message))
    for place, written in (("/address", address), ("/reply_to", reply_to)):
        if written is not None and not _can_travel(written):
            problems.append(Problem(place, "bad_address", "write one such as hello@example.com"))
    if name is not None and (len(name) > _LONGEST_NAME or not name.isprintable()):
        message = f"write one line of at most {_LONGEST_NAME} characters"
        problems.append(Problem("/name", "bad_name", message))
    if warm_up is not None and (not warm_up.plan or min(warm_up.plan) < 0):
        message = "write the most messages of each day, such as 50,100,500,1000"
        problems.append(Problem("/warm_up", "bad_plan", message))
    if problems:
        raise Refused("The sender was not kept.", problems)
    plan = warm_up and {"from": warm_up.begins.isoformat(), "plan": list(warm_up.plan)}
    await rows.put_identity(
        session,
        slug,
        {
            "address": address,
            "name": name or None,
            "reply_to": reply_to,
            "domain": on_the_wire(address).rpartition("@")[2].lower(),
            "warm_up": plan,
            "changed_at": now,
            "changed_by": actor.name,
        },
    )
    await record(session, actor, "set", "sender", slug)


async def list_identities(session: AsyncSession, actor: Actor) -> list[Identity]:
    allowed(actor, "read", "channel")
    return [
        Identity(
            row.slug,
            Sender(row.address, row.name, row.reply_to),
            row.domain,
            warm_up_of(row.warm_up),
        )
        for row in await rows.identities(session)
    ]


async def remove_identity(session: AsyncSession, actor: Actor, slug: str) -> None:
    """Messages that name it hold their runs from now on. Raises NotFound."""
    allowed(actor, "manage", "channel")
    if not await rows.delete_identity(session, slug):
        raise NotFound(f'There is no sender "{slug}". `cadenza channel sender list` shows all.')
    await record(session, actor, "remove", "sender", slug)


def _can_travel(address: str) -> bool:
    try:
        return is_address(address) and bool(on_the_wire(address))
    except ValueError:
        return False
