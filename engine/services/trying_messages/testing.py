"""Sending a message to ourselves: to the person who asks, or to the seed list, and nobody else.

It goes straight to the channel. No message row is written, nothing is counted or measured, its
links do nothing, and the audit trail says who sent what where.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.audit import recent_audit_rows
from crm_store.people import user_by_id
from crm_store.recipients import Recipient
from crm_store.seeds import lock_tests, seeds
from crm_store.session import Store
from engine.channels.base import Channel, ChannelError, OutgoingMessage
from engine.errors import Conflict, LimitReached, NotAllowed
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.files.enclosing import CannotEnclose, Wanted, files_for
from engine.services.templates import RenderedMessage
from engine.services.trying_messages.letters import Desk, sender_of
from engine.services.trying_messages.people import as_seen_by, whom
from engine.services.trying_messages.writers import writer_of

To = Literal["me", "seeds"]
# In front of each subject, so that nobody takes it for the real one.
TEST: Final = "[Test]"
# Mails to oneself: enough to mend a template with care, too few to send a mailing.
MOST_AN_HOUR: Final = 60
# Of one person, asks to the seed list; each is a mail per address and language.
MOST_SEED_ASKS_AN_HOUR: Final = 6
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TestAsk:
    """What to send. `contact` is whose facts it is written with, None for the made-up person;
    without a language it is theirs, and with `every_language` there is a mail for each. `draft`:
    the texts somebody is editing, not those that are sent."""

    template: str
    to: To = "me"
    contact: int | str | None = None
    language: str | None = None
    every_language: bool = False
    draft: bool = False

    __test__ = False  # not a test of ours


@dataclass(frozen=True, slots=True)
class Tried:
    """How one mail fared: "sent", or why not."""

    address: str
    language: str
    subject: str
    answer: str
    reason: str | None = None


async def send_test(
    store: Store, actor: Actor, desk: Desk, channel: Channel, ask: TestAsk
) -> list[Tried]:
    """Write, write down who asked, commit, and hand over. No transaction is open while the texts of
    a draft are tried, which may take seconds.

    Raises what `preview` raises, NotAllowed for somebody without an address of their own, Conflict
    for an empty seed list or a file that is missing, and LimitReached.
    """
    allowed(actor, "edit", "message")
    if ask.contact is not None:
        allowed(actor, "read", "contact")
    async with store.transaction() as session:
        writer = await writer_of(session, desk, ask.template, draft=ask.draft)
        addresses = await _addresses(session, actor, ask.to)
        recipient = await whom(session, writer, ask.contact)
        await _within_limit(session, actor, ask.to, 1)
    languages = writer.languages if ask.every_language else (ask.language,)
    seen = recipient if ask.contact is None else as_seen_by(actor, recipient)
    letters = [await writer.write(seen, language) for language in languages]
    async with store.transaction() as session:
        prepared = await _prepared(session, actor, desk, ask, recipient, letters, addresses)
    return list(await asyncio.gather(*(_sent(channel, *one) for one in prepared)))


async def _prepared(
    session: AsyncSession,
    actor: Actor,
    desk: Desk,
    ask: TestAsk,
    recipient: Recipient,
    letters: Sequence[RenderedMessage],
    addresses: Sequence[str],
) -> list[tuple[OutgoingMessage, str]]:
    whose, counted = _whose(actor, ask.to), 1 if ask.to == "seeds" else len(letters)
    # behind the lock: two asks at once do not both find the last place free
    await lock_tests(session, whose)
    await _within_limit(session, actor, ask.to, counted)
    mails = [
        (one, letter.language)
        for letter in letters
        for one in await _mails(session, desk, ask, letter, addresses)
    ]
    after = {
        "template": ask.template,
        "draft": ask.draft,
        "to": ask.to,
        "addresses": [*addresses],
        "languages": [letter.language for letter in letters],
        "contact_id": None if ask.contact is None else recipient.contact["id"],
    }
    for _ in range(counted):
        await record(session, actor, "send", "test_message", whose, after=after)
    return mails


async def _addresses(session: AsyncSession, actor: Actor, to: To) -> list[str]:
    if to == "seeds":
        found = [one.address for one in await seeds(session)]
        if not found:
            raise Conflict("The seed list is empty. `cadenza seed add` puts an address on it.")
        return found
    user = await user_by_id(session, actor.id) if actor.kind == "user" and actor.id else None
    if user is None or not user.active or not user.email:
        raise NotAllowed(
            f"{actor.name} has no address of their own to send a test to. Sign in as somebody who "
            "has one, or send it to the seed list."
        )
    return [user.email]


async def _within_limit(session: AsyncSession, actor: Actor, to: To, more: int) -> None:
    sent = await recent_audit_rows(session, "test_message", _whose(actor, to), _HOUR)
    most = MOST_SEED_ASKS_AN_HOUR if to == "seeds" else MOST_AN_HOUR
    if sent + more > most:
        where = " to the seed list" if to == "seeds" else ""
        raise LimitReached(
            f"{actor.name} sent {sent} tests{where} in the last hour, and {most} are the most. "
            "Look at the preview meanwhile.",
            timedelta(minutes=10),
        )


async def _mails(
    session: AsyncSession,
    desk: Desk,
    ask: TestAsk,
    letter: RenderedMessage,
    addresses: Sequence[str],
) -> list[OutgoingMessage]:
    wanted = Wanted(letter.attachments, letter.pictures)
    carried = (await files_for(session, [wanted])).attachments(wanted)
    if isinstance(carried, CannotEnclose):
        raise Conflict(f'Template "{ask.template}" cannot go out: {carried.message}')
    sender = await sender_of(session, desk, letter)
    if sender is None:
        raise Conflict(
            f'Template "{ask.template}" comes from "{letter.sender}", and there is no such sender. '
            "`cadenza channel sender set` adds one."
        )
    written = OutgoingMessage(
        provider_key="",
        sender=sender,
        to="",
        subject=f"{TEST} {letter.subject}",
        text=letter.text,
        html=letter.html,
        headers={"Auto-Submitted": "auto-generated"},
        categories=("test",),
        attachments=carried,
    )
    return [replace(written, provider_key=secrets.token_hex(16), to=one) for one in addresses]


async def _sent(channel: Channel, mail: OutgoingMessage, language: str) -> Tried:
    try:
        await channel.send(mail)
    except ChannelError as error:
        return Tried(mail.to, language, mail.subject, error.code, error.reason)
    return Tried(mail.to, language, mail.subject, "sent")


def _whose(actor: Actor, to: To) -> str:
    """What the tests of one hour are counted by."""
    return f"{actor.kind}:{actor.id or actor.name}{':seeds' if to == 'seeds' else ''}"
