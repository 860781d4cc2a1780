"""A message as one contact would get it, in any language it has. Nothing is sent or written."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_names
from crm_store.files import FileRow
from crm_store.recipients import Recipient
from engine.channels.base import Sender
from engine.errors import Problem, Refused
from engine.sending import Ruling
from engine.services.actor import Actor, allowed
from engine.services.files.enclosing import Wanted, files_for, refusal, size_in_mail
from engine.services.files.using import known_files
from engine.services.messages import MARKETING
from engine.services.roles.visibility import shows_address
from engine.services.templates import Meta, RenderedMessage
from engine.services.templates.drafts import Transactions
from engine.services.templates.vocabulary import UNSUBSCRIBE_URL
from engine.services.trying_messages.findings import Finding, findings_of, links_in, size_of
from engine.services.trying_messages.letters import Desk, sender_of
from engine.services.trying_messages.people import as_seen_by, made_up_name, whom
from engine.services.trying_messages.verdicts import rulings_on
from engine.services.trying_messages.writers import Writer, writer_of

# A preview holds its pictures; larger ones would make it slow to open.
MOST_SHOWN_BYTES: Final = 1_500_000


@dataclass(frozen=True, slots=True)
class FileOfLetter:
    """`inline`: a picture of the letter itself."""

    file: FileRow
    inline: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`contact_id` is None for the made-up contact. `letter.language` is the variant's, `languages`
    are all that the template has. `ruling` is what would become of the message if it were sent now;
    None for somebody made up. `mail_bytes` is about what travels, its files included.
    """

    template: str
    contact_id: int | None
    contact: str
    address: str
    languages: tuple[str, ...]
    purpose: str
    ruling: Ruling | None
    letter: RenderedMessage
    headers: tuple[tuple[str, str], ...]
    links: tuple[str, ...]
    files: tuple[FileOfLetter, ...]
    findings: tuple[Finding, ...]
    html_bytes: int
    mail_bytes: int


async def preview(
    transaction: Transactions,
    actor: Actor,
    desk: Desk,
    template: str,
    *,
    now: datetime,
    contact: int | str | None = None,
    language: str | None = None,
    draft: bool = False,
    files: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Preview:
    """Write the letter. `contact` is a number or an address; without it, a made-up person. `draft`:
    from the texts somebody is editing, not from those that are sent; `files`: from these texts;
    `version`: from that one.

    No transaction is open while unpublished texts are written, which may take seconds.

    Raises UnknownTemplate, NotFound for an unknown contact, and Refused when the letter cannot be
    written for them or has no variant in that language.
    """
    allowed(actor, "read", "template")
    if contact is not None:
        allowed(actor, "read", "contact")
    async with transaction() as session:
        writer = await writer_of(session, desk, template, draft=draft, files=files, version=version)
        _has_language(writer, template, language)
        recipient = await whom(session, writer, contact)
    seen = recipient if contact is None else as_seen_by(actor, recipient)
    letter = await writer.write(seen, language)
    meta, languages = writer.meta, writer.languages
    wanted = Wanted(letter.attachments, letter.pictures)
    async with transaction() as session:
        known = await known_files(session, wanted.names())
        sender = await sender_of(session, desk, letter)
        named = await _name(session, actor, recipient, known=contact is not None)
        ruling = None if contact is None else await _ruling(session, desk, recipient, meta, now)
    return Preview(
        template=template,
        contact_id=None if contact is None else recipient.contact["id"],
        contact=named,
        address=seen.contact["email"] or "",
        languages=languages,
        purpose=meta.purpose,
        ruling=ruling,
        letter=letter,
        headers=_headers(desk, meta, sender or desk.sender.sender, seen, letter),
        links=tuple(links_in(letter.html)),
        files=tuple(
            FileOfLetter(row, inline=name in letter.pictures) for name, row in sorted(known.items())
        ),
        findings=(*_missing(letter, sender, wanted, known), *findings_of(letter)),
        html_bytes=size_of(letter),
        mail_bytes=_mail_bytes(letter, list(known.values())),
    )


def _has_language(writer: Writer, template: str, language: str | None) -> None:
    languages = writer.languages
    if language is not None and language.lower() not in languages:
        said = f"it has {', '.join(languages)}"
        raise Refused(
            f'Template "{template}" has no variant in that language.',
            [Problem("/language", "unknown_language", said)],
        )


async def _name(session: AsyncSession, actor: Actor, recipient: Recipient, *, known: bool) -> str:
    if not known:
        return made_up_name(recipient)
    number = recipient.contact["id"]
    names = await contact_names(session, [number], by_address=shows_address(actor))
    return names.get(number, "")


async def _ruling(
    session: AsyncSession, desk: Desk, recipient: Recipient, meta: Meta, now: datetime
) -> Ruling:
    number = recipient.contact["id"]
    zone = desk.sender.default_zone
    return (await rulings_on(session, {number: recipient}, meta, zone, now))[number]


async def pictures_of(
    session: AsyncSession, actor: Actor, seen: Preview, most_bytes: int = MOST_SHOWN_BYTES
) -> dict[str, str]:
    """The letter's own pictures as addresses that hold them, for a frame that fetches nothing.
    Those above `most_bytes` are left out."""
    allowed(actor, "read", "file")
    small = [one.file for one in seen.files if one.inline and one.file.size_bytes <= most_bytes]
    found = await files_for(session, [Wanted(pictures=[file.name for file in small])])
    return {
        file.name: f"data:{file.content_type};base64,{b64encode(content).decode()}"
        for file in small
        if (content := found.contents.get(file.sha256)) is not None
    }


def _headers(
    desk: Desk, meta: Meta, sender: Sender, recipient: Recipient, letter: RenderedMessage
) -> tuple[tuple[str, str], ...]:
    """Those that people care about, in the order of a mail."""
    named = f"{sender.name} <{sender.address}>" if sender.name else sender.address
    found = [("From", named), ("To", recipient.contact["email"] or "")]
    if sender.reply_to:
        found.append(("Reply-To", sender.reply_to))
    found.append(("Subject", letter.subject))
    if meta.purpose == MARKETING:
        found.append(("List-Unsubscribe", f"<{desk.links()[UNSUBSCRIBE_URL]}>"))
        found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    found.append(("Auto-Submitted", "auto-generated"))
    return tuple(found)


def _missing(
    letter: RenderedMessage, sender: Sender | None, wanted: Wanted, known: Mapping[str, FileRow]
) -> Iterator[Finding]:
    """What would hold the letter."""
    found = refusal(wanted, known)
    if found is not None:
        yield Finding("problem", found.code, found.message)
    if sender is None:
        words = f'There is no sender "{letter.sender}". `cadenza channel sender set` adds one.'
        yield Finding("problem", "unknown_sender", words)


def _mail_bytes(letter: RenderedMessage, files: Sequence[FileRow]) -> int:
    parts = size_of(letter), len(letter.text.encode()), *(one.size_bytes for one in files)
    return sum(size_in_mail(size) for size in parts)
