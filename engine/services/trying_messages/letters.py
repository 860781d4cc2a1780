"""Writing a letter to look at it: with somebody's real facts, and links that do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import channels as rows
from crm_store.recipients import Recipient
from engine.channels.base import Sender
from engine.errors import Problem, Refused
from engine.rendering import RenderFailed
from engine.sending.zones import zone_of
from engine.services.links.tokens import FOLDERS, Kind
from engine.services.messages import SenderSettings
from engine.services.messages.facts import facts_of
from engine.services.templates import RenderedMessage, TemplateLibrary
from engine.services.templates.vocabulary import (
    CONFIRM_URL,
    PREFERENCES_URL,
    SURVEY_URL,
    UNSUBSCRIBE_URL,
    VIEW_URL,
)

# Ends each public address of a letter that is only looked at. No door opens by it: a real link
# would unsubscribe somebody.
TRIED: Final = "preview"
_FOLDERS: Final[Mapping[str, str]] = {
    UNSUBSCRIBE_URL: FOLDERS[Kind.UNSUBSCRIBE],
    PREFERENCES_URL: FOLDERS[Kind.PREFERENCES],
    VIEW_URL: FOLDERS[Kind.VIEW],
    CONFIRM_URL: FOLDERS[Kind.CONFIRM],
    SURVEY_URL: FOLDERS[Kind.SURVEY],
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What writing letters takes."""

    library: TemplateLibrary
    sender: SenderSettings

    def links(self) -> dict[str, str]:
        base = self.sender.links.signed.base_url
        return {name: f"{base}{folder}{TRIED}" for name, folder in _FOLDERS.items()}

    def facts(self, recipient: Recipient) -> dict[str, Any]:
        found = facts_of(recipient, self.sender)
        account = recipient.account
        # the made-up account has its revenue in the form of a fact already
        return {**found, "account": account} if account and "annual_revenue" in account else found

    def language(self, recipient: Recipient, wanted: str | None) -> str:
        return wanted or recipient.contact["language"] or self.sender.default_language

    def zone(self, recipient: Recipient) -> str:
        contact = recipient.contact
        return zone_of(contact["time_zone"], contact.get("country"), self.sender.default_zone)

    def write(
        self, template: str, recipient: Recipient, language: str | None = None
    ) -> RenderedMessage:
        """The letter as this contact would get it now, in their language unless another is asked
        for. Raises UnknownTemplate and RenderFailed."""
        return self.library.render(
            template,
            self.facts(recipient),
            language=self.language(recipient, language),
            zone=self.zone(recipient),
            links=self.links(),
        )

    def written(
        self, template: str, recipient: Recipient, language: str | None = None
    ) -> RenderedMessage:
        """`write`, with a failure as a refusal that names the field and never its value."""
        try:
            return self.write(template, recipient, language)
        except RenderFailed as error:
            raise Refused(
                f'Template "{template}" cannot be written for this contact.',
                [Problem(error.path or "", error.code, error.message)],
            ) from error


async def sender_of(session: AsyncSession, desk: Desk, letter: RenderedMessage) -> Sender | None:
    """Who the letter comes from: the identity that its template names, else the usual sender; None
    where there is no such identity."""
    if letter.sender is None:
        return desk.sender.sender
    for one in await rows.identities(session):
        if one.slug == letter.sender:
            return Sender(one.address, one.name, one.reply_to)
    return None
