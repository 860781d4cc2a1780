"""Channels by name: added, listed, limited, paused, removed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import channels as rows
from crm_store.channel_limits import forget_limits, look_again
from crm_store.models import Channel as ChannelRow
from engine.channels.kinds import KINDS
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.channels.limiting import LEAST_RATE
from engine.services.channels.registry import secret_purpose, warm_up_of
from engine.services.channels.ways import DEFAULT, Limits
from engine.services.secrets import SecretBox

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
# What messages of the environment's channel keep as their channel.
_TAKEN: Final = frozenset({DEFAULT, "email", "mailbox", "null", "sendgrid", "smtp"})


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """A channel as it may be shown: `settings` hold nothing secret."""

    name: str
    kind: str
    medium: str
    settings: Mapping[str, Any]
    enabled: bool
    identity: str | None
    limits: Limits
    changed_at: datetime
    changed_by: str


async def add_channel(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    name: str,
    kind: str,
    settings: Mapping[str, Any],
    *,
    identity: str | None = None,
    now: datetime,
) -> None:
    """`settings` hold the secret parts too, which are sealed. Raises Refused with every problem,
    and Conflict when the name is taken."""
    allowed(actor, "manage", "channel")
    known = KINDS.get(kind)
    problems = []
    if not _NAME.fullmatch(name) or name in _TAKEN:
        message = "name it with up to 63 small letters, digits and _, and by no kind of mail"
        problems.append(Problem("/name", "bad_name", message))
    if known is None:
        message = f"there is no such kind; there are {', '.join(sorted(KINDS))}"
        problems.append(Problem("/kind", "unknown_kind", message))
    problems += await _identity_problems(session, identity)
    if problems or known is None:
        raise Refused("The channel was not added.", problems)
    read = known.read(settings)
    hidden = read.hidden()
    added = await rows.add_channel(
        session,
        {
            "name": name,
            "kind": kind,
            "settings": read.shown(),
            "secret": None if hidden is None else box.seal(hidden, secret_purpose(name)),
            "identity": identity,
            "created_at": now,
            "changed_at": now,
            "changed_by": actor.name,
        },
    )
    if not added:
        raise Conflict(f'There is a channel "{name}" already. Remove it first, or take another.')
    await record(session, actor, "add", "channel", name)


async def list_channels(session: AsyncSession, actor: Actor) -> list[KnownChannel]:
    allowed(actor, "read", "channel")
    return [_known(row) for row in await rows.channels(session)]


async def pause_channel(session: AsyncSession, actor: Actor, name: str, now: datetime) -> None:
    """Messages wait from now on; those being handed over are not stopped."""
    await _change(session, actor, "pause", name, {"enabled": False}, now)


async def resume_channel(session: AsyncSession, actor: Actor, name: str, now: datetime) -> None:
    await _change(session, actor, "resume", name, {"enabled": True}, now)


async def remove_channel(session: AsyncSession, actor: Actor, name: str) -> None:
    """Runs that send by it are held from now on. Raises NotFound."""
    allowed(actor, "manage", "channel")
    if not await rows.delete_channel(session, name):
        raise _unknown(name)
    await forget_limits(session, name)
    await record(session, actor, "remove", "channel", name)


async def limit_channel(
    session: AsyncSession,
    actor: Actor,
    name: str,
    limits: Limits,
    *,
    identity: str | None = None,
    now: datetime,
) -> None:
    """Set the rates, the warm-up plan and the usual sender, all anew. "default" means the channel
    that the environment names. Rates are counted anew from now on, days are not; what waits for the
    old limits is looked at again. Raises Refused and NotFound."""
    allowed(actor, "manage", "channel")
    problems = [*_limit_problems(limits), *await _identity_problems(session, identity)]
    if problems:
        raise Refused("The limits were not set.", problems)
    warm_up = limits.warm_up and {
        "from": limits.warm_up.begins.isoformat(),
        "plan": list(limits.warm_up.plan),
    }
    values = {
        "per_second": limits.per_second,
        "domain_rates": {domain.lower(): rate for domain, rate in limits.domain_rates.items()},
        "warm_up": warm_up,
        "identity": identity,
    }
    await _change(session, actor, "limit", name, values, now)
    await forget_limits(session, name)
    await look_again(session, name, now)


async def _change(
    session: AsyncSession,
    actor: Actor,
    verb: str,
    name: str,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    allowed(actor, "manage", "channel")
    if name == DEFAULT:
        made = {"name": DEFAULT, "kind": DEFAULT, "changed_by": actor.name, "changed_at": now}
        await rows.add_channel(session, made)
    elif await rows.channel_for_change(session, name) is None:
        raise _unknown(name)
    await rows.change_channel(session, name, values, actor.name, now)
    await record(session, actor, verb, "channel", name)


def _limit_problems(limits: Limits) -> list[Problem]:
    found = []
    rates = {"per_second": limits.per_second, **limits.domain_rates}
    for place, rate in rates.items():
        if rate is not None and not LEAST_RATE <= rate <= 100_000:
            message = f"write messages a second, at least {LEAST_RATE} and at most 100000"
            found.append(Problem(f"/{place}", "bad_rate", message))
    plan = () if limits.warm_up is None else limits.warm_up.plan
    if limits.warm_up is not None and (not plan or len(plan) > 365 or min(plan) < 0):
        message = "write the most messages of each day, such as 50,100,500,1000"
        found.append(Problem("/warm_up", "bad_plan", message))
    return found


async def _identity_problems(session: AsyncSession, slug: str | None) -> list[Problem]:
    if slug is None or slug in {row.slug for row in await rows.identities(session)}:
        return []
    message = f'there is no sender "{slug}"; `cadenza channel sender list` shows all'
    return [Problem("/identity", "unknown_sender", message)]


def _known(row: ChannelRow) -> KnownChannel:
    kind = KINDS.get(row.kind)
    return KnownChannel(
        row.name,
        row.kind,
        "email" if kind is None else _medium(row),
        row.settings,
        row.enabled,
        row.identity,
        Limits(row.per_second, row.domain_rates, warm_up_of(row.warm_up)),
        row.changed_at,
        row.changed_by,
    )


def _medium(row: ChannelRow) -> str:
    """Of a kind that may write to several, as its settings say."""
    return str(row.settings.get("writes_to") or KINDS[row.kind].usual_medium)


def _unknown(name: str) -> NotFound:
    return NotFound(f'There is no channel "{name}". `cadenza channel list` shows all.')
