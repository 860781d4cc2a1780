"""Writing the messages of a simulation for real, for some of its people; nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crm_store.recipients import Recipient
from engine.effects import Outcome, Receipt
from engine.rendering import RenderFailed
from engine.sending.zones import zone_of
from engine.services.messages import SenderSettings
from engine.services.messages.facts import facts_of
from engine.services.templates import RenderedMessage, TemplateLibrary, UnknownTemplate
from engine.services.templates.vocabulary import LINKS
from engine.simulate import DELIVERED
from engine.simulate.surroundings import Letter

# A link that leads nowhere: a real one would unsubscribe somebody.
_LINKS: Final = {name: f"https://example.com/{name}" for name in LINKS}
# So many letters are shown whole, and so many complaints.
MOST_SHOWN: Final = 20
MOST_COMPLAINTS: Final = 100


@dataclass(frozen=True, slots=True)
class Written:
    person_id: int
    node: str
    message: RenderedMessage
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A message that cannot be written for somebody; the run is held, as in life."""

    person_id: int
    node: str
    template: str
    code: str
    message: str


@dataclass(slots=True)
class Letters:
    """A postman who writes the letters of the people in `recipients` and carries those of the
    others unwritten. One letter of each template and language is shown, or with `every` all.
    """

    library: TemplateLibrary
    sender: SenderSettings
    recipients: Mapping[int, Recipient]
    written: int = 0
    shown: list[Written] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    failed: int = 0
    every: bool = False
    _shown_of: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, letter: Letter) -> Receipt:
        recipient = self.recipients.get(letter.person.id)
        if recipient is None:
            return DELIVERED
        try:
            message = self._write(letter, recipient)
        except UnknownTemplate as error:
            return self._complain(letter, "unknown_template", str(error))
        except RenderFailed as error:
            said = f'Template "{letter.template}" cannot be written for this contact'
            return self._complain(letter, f"template_{error.code}", f"{said}: {error.message}")
        self.written += 1
        variant = (letter.template, message.language)
        if (self.every or variant not in self._shown_of) and len(self.shown) < MOST_SHOWN:
            self._shown_of.add(variant)
            self.shown.append(Written(letter.person.id, letter.node, message, letter.at))
        return DELIVERED

    def _write(self, letter: Letter, recipient: Recipient) -> RenderedMessage:
        contact = {**recipient.contact, **_changed(recipient.contact, letter)}
        now = Recipient(contact, recipient.account, recipient.granted, recipient.suppressed)
        return self.library.render(
            letter.template,
            facts_of(now, self.sender),
            language=contact["language"] or self.sender.default_language,
            zone=zone_of(contact["time_zone"], contact.get("country"), self.sender.default_zone),
            links=_LINKS,
        )

    def _complain(self, letter: Letter, code: str, message: str) -> Receipt:
        self.failed += 1
        if len(self.complaints) < MOST_COMPLAINTS:
            complaint = Complaint(letter.person.id, letter.node, letter.template, code, message)
            self.complaints.append(complaint)
        return Receipt(Outcome.CANNOT, code, details={"message": message})


def _changed(known: Mapping[str, Any], letter: Letter) -> dict[str, Any]:
    """What the flow has written meanwhile, of what the message may read."""
    contact = letter.person.facts.get("contact") or {}
    return {name: value for name, value in contact.items() if name in known}
