"""Writing a letter to look at it: of what is sent now, or of the draft somebody is editing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.recipients import ACCOUNT_COLUMNS, CONTACT_COLUMNS, Recipient
from engine.errors import Problem, Refused
from engine.services.templates import Meta, RenderedMessage
from engine.services.templates.bundle import META, SAMPLE, Bundle, part_of
from engine.services.templates.drafts import known_now
from engine.services.templates.meta import read_meta
from engine.services.templates.publishing import bundle_of_version
from engine.services.templates.room import the_room
from engine.services.templates.sample import sample_for
from engine.services.templates.trying import latest_bundle
from engine.services.templates.vocabulary import Known
from engine.services.trying_messages.letters import Desk

# What an unpublished text reads is not known before it has been written.
_EVERYTHING: Final = frozenset(
    (
        *(f"contact.{name}" for name in (*CONTACT_COLUMNS, "tags")),
        *(f"account.{name}" for name in ACCOUNT_COLUMNS),
        "account.annual_revenue",
    )
)


class Writer(Protocol):
    """`languages` are those there are, in small letters; `reads` the facts a letter may print."""

    @property
    def meta(self) -> Meta: ...

    @property
    def languages(self) -> tuple[str, ...]: ...

    @property
    def reads(self) -> frozenset[str]: ...

    def sample(self) -> Recipient:
        """Somebody made up."""

    async def write(self, recipient: Recipient, language: str | None) -> RenderedMessage:
        """Raises Refused with what is wrong."""


async def writer_of(
    session: AsyncSession,
    desk: Desk,
    template: str,
    *,
    draft: bool,
    files: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Writer:
    """`files` are texts that are kept nowhere yet, `version` a published one, in its own frames.
    Raises UnknownTemplate, NotFound, and Refused for texts whose meta cannot be read."""
    if version is not None:
        bundle = await bundle_of_version(session, template, version)
    elif draft or files is not None:
        bundle = await latest_bundle(session, desk.library, template, files)
    else:
        await desk.library.refresh(session)
        return _Published(desk, template, desk.library.meta(template))
    problems: list[Problem] = []
    meta = read_meta(bundle.files.get(META, ""), META, problems)
    if meta is None:
        raise Refused(f'The draft of "{template}" cannot be written.', problems)
    return _Draft(desk, bundle, meta, await known_now(session))


@dataclass(frozen=True, slots=True)
class _Published:
    desk: Desk
    template: str
    meta: Meta

    @property
    def languages(self) -> tuple[str, ...]:
        return self.desk.library.languages(self.template)

    @property
    def reads(self) -> frozenset[str]:
        return self.desk.library.reads({self.template})

    def sample(self) -> Recipient:
        library = self.desk.library
        own = {SAMPLE: library.template(self.template).sample}
        return _made_up(sample_for(Bundle(self.template, own), library.sample()))

    async def write(self, recipient: Recipient, language: str | None) -> RenderedMessage:
        return self.desk.written(self.template, recipient, language)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Written in the room for texts that nobody has published yet."""

    desk: Desk
    bundle: Bundle
    meta: Meta
    known: Known

    @property
    def languages(self) -> tuple[str, ...]:
        parts = (part_of(file) for file in self.bundle.files)
        own = self.meta.language.lower()
        return tuple(sorted({part.language or own for part in parts if part is not None}))

    @property
    def reads(self) -> frozenset[str]:
        return _EVERYTHING

    def sample(self) -> Recipient:
        return _made_up(sample_for(self.bundle, self.desk.library.sample()))

    async def write(self, recipient: Recipient, language: str | None) -> RenderedMessage:
        return await the_room().render(
            self.bundle,
            self.known,
            self.desk.facts(recipient),
            language=self.desk.language(recipient, language),
            zone=self.desk.zone(recipient),
            links=self.desk.links(),
        )


def _made_up(facts: Mapping[str, Any]) -> Recipient:
    return Recipient(facts["contact"], facts.get("account"), None, None)
