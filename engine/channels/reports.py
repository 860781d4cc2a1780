"""What a provider reports afterwards about messages it was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """`taken`: the provider has it. `put_off`: the other side asked it to wait; it goes on trying.
    `bounced`: that address does not exist, or never takes mail. `blocked`: refused this time, for
    a reason that may pass. `dropped`: the provider did not even try, because of its own lists.
    """

    TAKEN = "taken"
    DELIVERED = "delivered"
    PUT_OFF = "put_off"
    BOUNCED = "bounced"
    BLOCKED = "blocked"
    DROPPED = "dropped"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


class Bounce(StrEnum):
    """Why mail came back. `hard`: the address is no good. `full` and `soft`: that mailbox does not
    take it now. `block`: what was sent, or who sent it, is not wanted there: it says nothing about
    the address.
    """

    HARD = "hard"
    SOFT = "soft"
    FULL = "full"
    BLOCK = "block"

    @property
    def what(self) -> What:
        return What.BOUNCED if self is Bounce.HARD else What.BLOCKED


@dataclass(frozen=True, slots=True)
class Report:
    """`id` is the provider's, the same when it reports twice. `provider_key` is our own id of the
    message. `by_machine`: a mail program fetched the picture, nobody need have looked. `code` is
    short and holds no address; `bounce` says what kind of failure it was, where that is known.
    """

    id: str
    provider_key: str
    what: What
    at: datetime
    by_machine: bool = False
    url: str | None = None
    code: str | None = None
    bounce: Bounce | None = None
