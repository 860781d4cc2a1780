"""How somebody wants to be told, by urgency; asked and changed by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.notice_ways import WayRow, put_ways, ways_of
from engine.channels.address import is_address
from engine.channels.base import Channel
from engine.errors import NotAllowed, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, Verb, allowed
from engine.services.channels import DEFAULT, Channels, Way
from engine.services.telling.tellings import Urgency

# Shown in Cadenza and sent nowhere.
NOWHERE: Final = "none"
MOST_WAYS: Final = 5
LONGEST_ADDRESS: Final = 320


@dataclass(frozen=True, slots=True)
class NoticeWay:
    """`channel` is "default" for mail, "none" for nowhere, or the name of a channel. Without an
    `address` mail goes to the person's own, and a channel that has a room writes there."""

    channel: str
    address: str | None = None


async def list_ways(session: AsyncSession, actor: Actor) -> dict[Urgency, list[NoticeWay]]:
    """Of those urgencies for which they chose any; everything else is mailed."""
    found: dict[Urgency, list[NoticeWay]] = {}
    for row in await ways_of(session, _person(actor, "read")):
        found.setdefault(Urgency(row.urgency), []).append(NoticeWay(row.channel, row.address))
    return found


async def set_ways(
    session: AsyncSession,
    actor: Actor,
    channel: Channel,
    urgency: Urgency,
    ways: Sequence[NoticeWay],
) -> None:
    """These ways and no others; none at all: mail again. Raises Refused with every mistake."""
    user_id = _person(actor, "edit")
    known = await _known(session, channel)
    problems = [
        problem for place, way in enumerate(ways) for problem in _problems(place, way, known)
    ]
    names = [way.channel for way in ways]
    if len(set(names)) < len(names):
        problems.append(Problem("/ways", "twice", "names a channel twice. Name it once."))
    if len(ways) > MOST_WAYS:
        problems.append(Problem("/ways", "too_many", f"are more than {MOST_WAYS}. Name fewer."))
    if NOWHERE in names and len(names) > 1:
        said = f'says "{NOWHERE}" beside other channels. Say one or the other.'
        problems.append(Problem("/ways", "contradiction", said))
    if problems:
        raise Refused("Your ways of being told were not changed.", problems)
    rows = [WayRow(urgency, way.channel, way.address) for way in ways]
    await put_ways(session, user_id, urgency, rows)
    after = {"urgency": urgency, "channels": names}
    await audit.record(session, actor, "edit", "user", user_id, after=after)


async def channel_names(session: AsyncSession, actor: Actor, channel: Channel) -> list[str]:
    """The channels that ways can name."""
    _person(actor, "read")
    return sorted(await _known(session, channel))


async def _known(session: AsyncSession, channel: Channel) -> Mapping[str, Way]:
    if not isinstance(channel, Channels):
        return {DEFAULT: Way(None, channel.name)}
    await channel.refresh(session)
    names = (DEFAULT, *channel.names())
    return {name: way for name in names if (way := channel.way(name)) is not None}


def _problems(place: int, way: NoticeWay, channels: Mapping[str, Way]) -> list[Problem]:
    where = f"/ways/{place}"
    if way.channel == NOWHERE:
        return []
    known = channels.get(way.channel)
    if known is None:
        said = f'There is no channel "{way.channel}". `cadenza channel list` shows all.'
        return [Problem(f"{where}/channel", "unknown_channel", said)]
    if way.address is not None and len(way.address) > LONGEST_ADDRESS:
        return [Problem(f"{where}/address", "too_long", "is too long for an address.")]
    if known.medium == "email":
        if way.address is not None and not is_address(way.address):
            said = "is no mail address such as ben@example.com."
            return [Problem(f"{where}/address", "bad_address", said)]
        if way.address is None and way.channel != DEFAULT:
            said = "is missing: this channel writes to single people."
            return [Problem(f"{where}/address", "missing", said)]
    elif known.room is None and not way.address:
        said = "is missing: this channel writes to single people, not to a room."
        return [Problem(f"{where}/address", "missing", said)]
    return []


def _person(actor: Actor, verb: Verb) -> int:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("Ways of being told belong to a person. Sign in.")
    allowed(actor, verb, "notice")
    return actor.id
