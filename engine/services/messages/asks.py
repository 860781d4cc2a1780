"""The values that travel between the driver that performs effects and the sending of messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from engine.channels.base import OutgoingMessage, Sender
from engine.channels.bounces import BounceAddresses
from engine.services.channels.limiting import Counted
from engine.services.channels.ways import USUAL_WAY, Way
from engine.services.links.tracking import Tracking
from engine.services.unsubscribe import UnsubscribeLinks

# The one medium there is so far. Consent and suppression are kept by medium, so that changing the
# provider changes nobody's wish.
EMAIL = "email"


@dataclass(frozen=True, slots=True)
class SendAsk:
    """One effect row that wants a message sent. Holds ids, never people's data."""

    effect_id: int
    run_id: int
    flow_id: int
    flow_name: str
    node: str
    visit: int
    contact_id: int
    template: str
    purpose: str
    # The way it travels, None for the usual one; the medium is that way's.
    channel: str | None = None
    medium: str = EMAIL
    way: Way = USUAL_WAY
    # Who writes, by slug, when the step says it.
    sender: str | None = None
    # Whether it was tried or put off before.
    waited: bool = False


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """Who writes. `key_secret` makes our message ids unguessable; the default language and zone
    are for contacts of whom neither is known. `tracking`: what is measured of letters.
    `bounces`: where failures of single messages are reported."""

    sender: Sender
    links: UnsubscribeLinks
    key_secret: bytes
    website: str | None = None
    postal_address: str | None = None
    default_language: str = "en"
    default_zone: str = "UTC"
    tracking: Tracking = field(default_factory=Tracking)
    bounces: BounceAddresses | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that is written down as being handed over, once the transaction commits."""

    ask: SendAsk
    message_id: int
    outgoing: OutgoingMessage
    # Of warm-up plans: to be given back when it certainly did not go.
    counted: tuple[Counted, ...] = ()


class Verdict(StrEnum):
    """Why a message does not go.

    `withheld`: consent or suppression. `refused`: there is nobody to send to. `hold`: the template
    is at fault. `already_sent`: this ask's message was accepted before. `unsettled`: an earlier
    hand-over has no answer yet; it must be settled before anything is sent. `later`: it waits for
    its time. `collected`: it goes with others in one message.
    """

    WITHHELD = "withheld"
    REFUSED = "refused"
    HOLD = "hold"
    ALREADY_SENT = "already_sent"
    UNSETTLED = "unsettled"
    LATER = "later"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class NotSent:
    """`code` is stable; `message` is for people and names no one. `until` is when one that waits is
    asked about again."""

    ask: SendAsk
    verdict: Verdict
    code: str
    message: str
    message_id: int | None = None
    until: datetime | None = None


class Answer(StrEnum):
    """How a hand-over ended, as the channel contract has it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class SendResult:
    message_id: int
    effect_id: int
    answer: Answer
    code: str | None = None
    reason: str | None = None
    retry_after: timedelta | None = None
    give_back: tuple[Counted, ...] = ()
