"""What every channel to the world offers, and the three ways in which handing over can fail.

A channel knows its provider and nothing of contacts, flows or the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from engine.channels.address import is_address

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a message comes from. `name` is what people read beside the address.

    Raises ValueError for what is no plain address: a mistake in the settings must stop the start,
    not spoil every message.
    """

    address: str
    name: str | None = None
    reply_to: str | None = None

    def __post_init__(self) -> None:
        for address in (self.address, self.reply_to):
            if address is not None and not is_address(address):
                raise ValueError(f'"{address[:80]}" is not an address such as hello@example.com')


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a message. With a `content_id` (no angle brackets) it is a picture
    of the letter, written there as `cid:<content_id>`. `content_type` is such as "image/png"."""

    name: str
    content_type: str
    content: bytes
    content_id: str | None = None

    def __repr__(self) -> str:
        return f"Attachment({self.content_type}, {len(self.content)} bytes)"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message, ready to go.

    `provider_key` is our own id: the same for every try of one ask, and what `Channel.ask` is asked
    with. `headers` holds ASCII values, such as List-Unsubscribe. `categories` are words by which a
    provider that counts mails may count this one, such as the flow's name. `medium` is the kind of
    address that `to` is, and `channel` the name of a channel other than the default one.
    `envelope_from` is where mail servers report failures; else the sender's
    own address. `still_wanted` is asked by `begins`.
    """

    provider_key: str
    sender: Sender
    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    medium: str = "email"
    attachments: tuple[Attachment, ...] = ()
    envelope_from: str | None = None
    channel: str | None = None
    still_wanted: Callable[[], Awaitable[bool]] | None = field(
        default=None, compare=False, repr=False
    )

    async def begins(self) -> None:
        """For a channel to await when there is nothing left to wait for: no pace, no place, no
        connection. Raises Unreachable when the person has left meanwhile; preparing sees why."""
        if self.still_wanted is not None and not await self.still_wanted():
            said = "Somebody left, or may have left, while the message waited for its turn."
            raise Unreachable("asked_again", said, timedelta(seconds=1))


class Known(StrEnum):
    """What a provider says of a message it may have been given."""

    SENT = "sent"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"


class ChannelError(Exception):
    """`code` is stable. `reason` is for people and is stored: it is short and holds no address."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason[:LONGEST_REASON]
        super().__init__(f"{code}: {self.reason}")


class Refused(ChannelError):
    """Certainly not accepted, and it will not be: trying again would annoy the provider."""


class Unreachable(ChannelError):
    """Certainly not accepted, but it may be later; `retry_after` when the provider named a time."""

    def __init__(self, code: str, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code, reason)
        self.retry_after = retry_after


class Unclear(ChannelError):
    """It was handed over and the answer was lost: it may have been accepted or not."""


class Channel(Protocol):
    """A way to reach people. One object serves many tasks of one event loop at once."""

    @property
    def name(self) -> str:
        """A word that is stored with each message, e.g. "smtp"."""

    @property
    def group_size(self) -> int:
        """How many messages may be handed over between two commits: after a crash, so many may be
        unclear at most."""

    async def send(self, message: OutgoingMessage) -> None:
        """Return when the provider has accepted it; raises Refused, Unreachable or Unclear. Whoever
        lets messages wait awaits their `begins` afterwards."""

    async def ask(self, provider_key: str) -> Known:
        """What became of a message; never asked while `send` of the same key is under way. Raises
        Unreachable when the provider does not answer the question now."""

    async def close(self) -> None:
        """Let go of connections. Twice is harmless, and sending afterwards opens them again."""
