"""The variables a message may use: facts of the contact and account, the sender, and links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from engine.rendering import Vocabulary
from engine.rules import Catalogue

UNSUBSCRIBE_URL = "unsubscribe_url"
PREFERENCES_URL = "preferences_url"
VIEW_URL = "view_url"
# Confirms the contact's open request for messages.
CONFIRM_URL = "confirm_url"
# Asks what the contact thought of their last closed ticket.
SURVEY_URL = "survey_url"
LINKS = (UNSUBSCRIBE_URL, PREFERENCES_URL, VIEW_URL, CONFIRM_URL, SURVEY_URL)
PREHEADER = "preheader"

_BESIDE_FACTS = (
    "contact.custom.*",
    "account.custom.*",
    "sender.name",
    "sender.address",
    "sender.website",
    "sender.postal_address",
    # what a digest puts together
    *(f"letters[].{field}" for field in ("subject", "preheader", "topic", "url")),
    *LINKS,
)


def message_vocabulary(catalogue: Catalogue | None = None, *, body: bool = True) -> Vocabulary:
    """What message templates are checked against; the preheader stands in bodies only."""
    known = catalogue or Catalogue.standard()
    facts = (path for path, _ in known.readable(event_rule=False, derived=False))
    return Vocabulary((*facts, *_BESIDE_FACTS, *((PREHEADER,) if body else ())))


@dataclass(frozen=True, slots=True)
class Known:
    """The variables that may stand in subjects (and preheaders, short texts) and in bodies."""

    subjects: Vocabulary
    bodies: Vocabulary


def known_variables(catalogue: Catalogue | None = None) -> Known:
    return _of_the_standard() if catalogue is None else _known(catalogue)


@cache
def _of_the_standard() -> Known:
    return _known(Catalogue.standard())


def _known(catalogue: Catalogue) -> Known:
    return Known(message_vocabulary(catalogue, body=False), message_vocabulary(catalogue))
