"""One message by a channel, to see that it works."""

from __future__ import annotations

import secrets

from engine.channels.base import OutgoingMessage, Sender
from engine.errors import NotFound, Refused
from engine.services.actor import Actor, allowed
from engine.services.channels.registry import Channels
from engine.services.channels.ways import DEFAULT


async def try_channel(
    channels: Channels, actor: Actor, name: str, to: str | None, sender: Sender
) -> None:
    """Send a few words to `to`, or to the channel's room; nothing is written down. The channel must
    have been refreshed. Raises NotFound, Refused, and what the channel raises."""
    allowed(actor, "manage", "channel")
    way = channels.way(name)
    if way is None:
        raise NotFound(f'There is no channel "{name}". `cadenza channel list` shows all.')
    if way.trouble is not None:
        raise Refused(f'The channel "{name}" cannot be used: {way.trouble}')
    address = way.room or to
    if not address:
        raise Refused("Say to whom: this channel writes to single people, not to a room.")
    identity = channels.identity(way.identity) if way.identity else None
    await channels.send(
        OutgoingMessage(
            provider_key=secrets.token_hex(16),
            sender=identity.sender if identity else sender,
            to=address,
            subject="A test from Cadenza",
            text="This is a test from Cadenza: the channel works. 测试：渠道可用。",
            medium=way.medium,
            channel=None if name == DEFAULT else name,
        )
    )
