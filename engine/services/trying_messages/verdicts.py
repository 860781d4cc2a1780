"""What would become of a message if it were sent now: wishes, addresses and the house's policy,
asked without leaving a trace. Other messages that wait for the same person are not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import sending as rows
from crm_store.recipients import Recipient
from engine.sending import About, Answer, Counted, Ruling, rule
from engine.sending.caps import counted_since
from engine.sending.ruling import caps_on
from engine.services.messages import barrier_to
from engine.services.messages.deciding import circumstances
from engine.services.sending.shelf import PolicyShelf
from engine.services.templates import Meta


async def rulings_on(
    session: AsyncSession,
    people: Mapping[int, Recipient],
    meta: Meta,
    default_zone: str,
    now: datetime,
) -> dict[int, Ruling]:
    """By contact; two questions for all of them."""
    house, about = await PolicyShelf().house(session), About(meta.purpose, meta.topic)
    barriers = {id_: barrier_to(one, meta.purpose, meta.topic) for id_, one in people.items()}
    known = {
        id_: circumstances(one, default_zone)
        for id_, one in people.items()
        if barriers[id_] is None
    }
    caps = {cap for one in known.values() for cap in caps_on(house.policy, about, one)}
    sent = await _sent(session, list(known), counted_since(caps, now))
    found = {id_: Ruling(Answer.DROP, no[1]) for id_, no in barriers.items() if no is not None}
    for id_, one in known.items():
        counted = replace(one, sent=sent.get(id_, ()))
        found[id_] = rule(house.policy, about, counted, now, house.almanac)
    return found


async def _sent(
    session: AsyncSession, contacts: Collection[int], since: datetime | None
) -> dict[int, list[Counted]]:
    """What is counted of what these contacts got."""
    found: dict[int, list[Counted]] = {}
    if since is not None:
        for one in await rows.what_they_got(session, contacts, since):
            counted = Counted(one.at, About(one.purpose, one.topic, one.medium))
            found.setdefault(one.contact_id, []).append(counted)
    return found
