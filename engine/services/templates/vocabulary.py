"""The variables a message may use: facts of the contact and account, the sender, and links."""

from __future__ import annotations

from engine.rendering import Vocabulary
from engine.rules import Catalogue

UNSUBSCRIBE_URL = "unsubscribe_url"
PREHEADER = "preheader"

_BESIDE_FACTS = (
    "contact.custom.*",
    "account.custom.*",
    "sender.name",
    "sender.address",
    "sender.website",
    "sender.postal_address",
    UNSUBSCRIBE_URL,
)


def message_vocabulary(catalogue: Catalogue | None = None, *, body: bool = True) -> Vocabulary:
    """What message templates are checked against; the preheader stands in bodies only."""
    known = catalogue or Catalogue.standard()
    facts = (path for path, _ in known.readable(event_rule=False, derived=False))
    return Vocabulary((*facts, *_BESIDE_FACTS, *((PREHEADER,) if body else ())))
