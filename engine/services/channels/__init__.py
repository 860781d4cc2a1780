"""Channels and senders by name, and how much may go by them."""

from engine.services.channels.allowance import Later, WarmUp, allowance
from engine.services.channels.identities import list_identities, put_identity, remove_identity
from engine.services.channels.keeping import (
    KnownChannel,
    add_channel,
    limit_channel,
    list_channels,
    pause_channel,
    remove_channel,
    resume_channel,
)
from engine.services.channels.limiting import (
    Counted,
    Going,
    counted,
    forget_idle,
    give_back,
    may_go,
)
from engine.services.channels.registry import Channels
from engine.services.channels.trying import try_channel
from engine.services.channels.ways import DEFAULT, Identity, Limits, Way

__all__ = [
    "DEFAULT",
    "Channels",
    "Counted",
    "Going",
    "Identity",
    "KnownChannel",
    "Later",
    "Limits",
    "WarmUp",
    "Way",
    "add_channel",
    "allowance",
    "counted",
    "forget_idle",
    "give_back",
    "limit_channel",
    "list_channels",
    "list_identities",
    "may_go",
    "pause_channel",
    "put_identity",
    "remove_channel",
    "remove_identity",
    "resume_channel",
    "try_channel",
]
