"""Links by which a contact stops mail without signing in.

They do not expire: a letter from years ago must still be able to be stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.services.links.tokens import BadToken, Kind, Part, SignedLinks


@dataclass(frozen=True, slots=True)
class UnsubscribeClaim:
    """Who may stop what by a link. `topic` is what the letter was about, when it said so."""

    contact_id: int
    channel: str
    purpose: str
    topic: str | None = None


class UnsubscribeLinks:
    """Makes and reads links. The first secret signs; all of them are believed, so that a changed
    secret leaves the links of sent letters working. `signed` makes those of other kinds."""

    def __init__(self, base_url: str, secrets: Sequence[str]) -> None:
        self.signed = SignedLinks(base_url, secrets)

    def url(self, contact_id: int, channel: str, purpose: str, topic: str | None = None) -> str:
        return self.signed.url(Kind.UNSUBSCRIBE, *_parts(contact_id, channel, purpose, topic))

    def token(self, contact_id: int, channel: str, purpose: str, topic: str | None = None) -> str:
        return self.signed.token(Kind.UNSUBSCRIBE, *_parts(contact_id, channel, purpose, topic))

    def read(self, token: str) -> UnsubscribeClaim:
        """What the token allows; raises BadToken."""
        return claim_in(self.signed.read(Kind.UNSUBSCRIBE, token))


def claim_in(parts: tuple[Part, ...]) -> UnsubscribeClaim:
    """What the parts of a read token allow; raises BadToken for those of no link of ours."""
    match parts:
        case (int(contact), str(channel), str(purpose)):
            return UnsubscribeClaim(contact, channel, purpose)
        case (int(contact), str(channel), str(purpose), str(topic)):
            return UnsubscribeClaim(contact, channel, purpose, topic)
    raise BadToken("This link is not one of ours.")


def _parts(contact_id: int, channel: str, purpose: str, topic: str | None) -> tuple[Part, ...]:
    parts = (contact_id, channel, purpose)
    return parts if topic is None else (*parts, topic)


__all__ = ["BadToken", "UnsubscribeClaim", "UnsubscribeLinks"]
