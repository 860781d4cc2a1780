"""The local mailbox: an SMTP server that keeps mail to be looked at instead of delivering it.

The same class reads and receives: one process calls `start`, any other may read the same folder.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32, default
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from engine.channels.mailbox_store import Arrival, MailboxStore, Summary
from engine.errors import NotFound

# Mails kept in one commit when many arrive at once.
LARGEST_COMMIT = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, parsed. `text` and `html` are None when it has no such part; `html` is what the
    sender wrote, to be shown in a sandboxed frame and nowhere else."""

    summary: Summary
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    raw: bytes


class Mailbox:
    """Mail under `folder`. It accepts every address, and refuses for now (452) when less than
    `keep_free_bytes` would be left on the disk."""

    def __init__(
        self,
        folder: Path,
        *,
        max_message_bytes: int = 10_485_760,
        keep_free_bytes: int = 104_857_600,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._store = MailboxStore(folder / "mail.db")
        self._max_message_bytes = max_message_bytes
        self._keep_free_bytes = keep_free_bytes
        self._now = now
        self._server: asyncio.Server | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._arrivals: asyncio.Queue[tuple[Arrival, asyncio.Future[int]]] = asyncio.Queue()

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (`port` 0 takes any). Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, host, port)
        self._keeper = loop.create_task(self._keep_arrivals(), name="mailbox")
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Mail that was answered 250 is on disk already. Twice is harmless."""
        if self._server is None or self._keeper is None:
            return
        self._server.close()
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        self._server = self._keeper = None
        await asyncio.to_thread(self._store.close)

    def find(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID (with or without its angle brackets) arrived."""
        return self.copies(message_id) > 0

    def copies(self, message_id: str) -> int:
        """How often it arrived: more than once is a duplicate."""
        return self._store.count(f"<{message_id.strip().strip('<>')}>")

    def count(self) -> int:
        return self._store.count()

    def page(
        self, *, before: int | None = None, limit: int = 50, search: str | None = None
    ) -> list[Summary]:
        """Newest first. For the next page give the last id of this one as `before`."""
        return self._store.page(before, limit, search)

    def message(self, identity: int) -> Mail:
        """Raises NotFound."""
        found = self._store.read(identity)
        if found is None:
            raise NotFound(f"There is no mail {identity} in the mailbox.")
        return parsed(*found)

    def clear(self) -> None:
        """Throw all mail away."""
        self._store.clear()

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Called by aiosmtpd; the answer is the SMTP reply."""
        del server, session
        raw = envelope.original_content or b""
        if shutil.disk_usage(self._folder).free - len(raw) < self._keep_free_bytes:
            return "452 4.3.1 The mailbox's disk is nearly full; make room and mail is taken again"
        arrival = _arrival(raw, envelope, self._now())
        kept: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        await self._arrivals.put((arrival, kept))
        try:
            return f"250 2.0.0 Kept as {await kept}"
        except sqlite3.OperationalError as error:
            return f"452 4.3.1 The mailbox cannot write now: {error}"

    def _session(self) -> SMTP:
        return SMTP(
            self,
            data_size_limit=self._max_message_bytes,
            enable_SMTPUTF8=True,
            # Otherwise the machine's full name is looked up, which may take seconds.
            hostname="mailbox.cadenza.test",
            ident="Cadenza mailbox",
            loop=asyncio.get_running_loop(),
        )

    async def _keep_arrivals(self) -> None:
        """Write what arrived meanwhile in one commit, off the event loop."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            batch = [await self._arrivals.get()]
            while not self._arrivals.empty() and len(batch) < LARGEST_COMMIT:
                batch.append(self._arrivals.get_nowait())
            try:
                ids = await asyncio.to_thread(self._store.add, [arrival for arrival, _ in batch])
            except sqlite3.OperationalError as error:
                for _, kept in batch:
                    if not kept.done():
                        kept.set_exception(error)
            else:
                for (_, kept), identity in zip(batch, ids, strict=True):
                    if not kept.done():
                        kept.set_result(identity)


def _arrival(raw: bytes, envelope: Envelope, now: datetime) -> Arrival:
    headers = BytesHeaderParser(policy=compat32).parsebytes(raw)
    message_id = headers.get("Message-ID")
    return Arrival(
        message_id=str(message_id).strip() if message_id else None,
        received_at=now,
        sender=envelope.mail_from or "",
        recipients=tuple(envelope.rcpt_tos),
        subject=_decoded(str(headers.get("Subject", ""))),
        raw=raw,
    )


def _decoded(header: str) -> str:
    try:
        return str(make_header(decode_header(header)))
    except (HeaderParseError, LookupError, UnicodeError):
        return header


def parsed(summary: Summary, raw: bytes) -> Mail:
    """Never raises for a broken mail: what cannot be read is left out, and `raw` has it all."""
    mail = BytesParser(EmailMessage, policy=default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    return Mail(
        summary=summary,
        headers=tuple((name, str(value)) for name, value in mail.items()),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        attachments=tuple(
            Attachment(
                part.get_filename() or "",
                part.get_content_type(),
                len(part.get_payload(decode=True) or b""),
            )
            for part in mail.iter_attachments()
        ),
        raw=raw,
    )


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return (part.get_payload(decode=True) or b"").decode("utf-8", "replace")  # type: ignore[union-attr]
