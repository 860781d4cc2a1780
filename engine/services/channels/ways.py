"""How messages may travel, as the decision about one message sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.channels.base import Sender
from engine.services.channels.allowance import WarmUp

# The name of the channel that the environment chooses.
DEFAULT: Final = "default"
EVERY_OTHER: Final = "*"


@dataclass(frozen=True, slots=True)
class Limits:
    """`domain_rates` are messages a second by recipient domain; "*" is each other domain's."""

    per_second: float | None = None
    domain_rates: Mapping[str, float] = field(default_factory=dict)
    warm_up: WarmUp | None = None

    def rate_to(self, domain: str) -> float | None:
        return self.domain_rates.get(domain, self.domain_rates.get(EVERY_OTHER))


@dataclass(frozen=True, slots=True)
class Way:
    """One channel. `name` is None for the default one; `stored` is what messages keep of it.

    A `room` is written to whoever the message is about, so neither consent nor suppression of the
    contact is asked. `identity` is the slug of who writes when nothing nearer says it. `trouble` is
    why nothing can go by it: a person must mend that.
    """

    name: str | None
    stored: str
    medium: str = "email"
    room: str | None = None
    address_field: str | None = None
    identity: str | None = None
    paused: bool = False
    trouble: str | None = None
    limits: Limits = Limits()

    @property
    def to_people(self) -> bool:
        return self.room is None

    def address(self, contact: Mapping[str, Any]) -> str | None:
        """Where a message to this contact goes; None when they have no such address."""
        if self.room is not None:
            return self.room
        if self.medium == "email":
            return contact.get("email")
        if self.medium == "sms":
            return contact.get("phone")
        if self.medium == "chat":
            found = (contact.get("custom") or {}).get(self.address_field)
            return None if found is None else str(found).strip() or None
        return str(contact["id"])

    def reads(self) -> frozenset[str]:
        """Facts of the contact that the address is made of, besides those always read."""
        if self.room is not None or self.medium in ("email", "webhook"):
            return frozenset()
        if self.medium == "sms":
            return frozenset({"contact.phone"})
        return frozenset({f"contact.custom.{self.address_field}"})


USUAL_WAY: Final = Way(None, DEFAULT)


def unknown_way(name: str) -> Way:
    """Of a channel that is not there: whatever goes by it is held."""
    said = f'There is no channel "{name}". Add it with `cadenza channel add`, then retry.'
    return Way(name, name, trouble=said)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody messages come from, with the warm-up plan of their domain."""

    slug: str
    sender: Sender
    domain: str
    warm_up: WarmUp | None = None
