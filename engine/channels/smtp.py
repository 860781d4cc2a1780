"""Mail by SMTP over a few connections that are kept open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from engine.channels.address import on_the_wire
from engine.channels.base import Known, OutgoingMessage, Unreachable
from engine.channels.dkim import Signers
from engine.channels.mime import mail_bytes
from engine.channels.pace import Pace
from engine.channels.smtp_session import SmtpServer, SmtpSession

# Letters handed over between two commits: two rounds of 8 connections. After a crash at most so
# many are to be asked for, or listed as maybe sent.
GROUP_SIZE = 16
# A group must not outlast the claim on it, so a slow pace means small groups.
LONGEST_GROUP_SECONDS = 10
# A mail whose letter has not begun by then is given up for now, whether it waited for a
# connection, for the pace or for the server: there must be an end after which nobody is sending it.
BEGUN_WITHIN = timedelta(seconds=25)
# A letter with less attached to it takes under a millisecond to write.
WRITTEN_HERE_BYTES = 100_000
# While a server is known to be away, nobody else waits for its time limit.
AWAY_SECONDS = 1.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SmtpChannel:
    """At most `server.connections` mails are under way at once; more wait their turn.

    SMTP itself cannot be asked what became of a mail, so `ask` cannot tell. Every `send` has ended
    after `longest_send`, so a claim on a message must last longer than that.
    """

    name = "smtp"

    def __init__(
        self,
        server: SmtpServer,
        *,
        message_id_domain: str,
        per_second: float | None = None,
        begun_within: timedelta = BEGUN_WITHIN,
        signers: Signers | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._server = server
        self._domain = message_id_domain
        self._now = now
        self._pace = Pace(per_second)
        self._signers = signers or Signers()
        self._idle: list[SmtpSession] = []
        self._places = asyncio.Semaphore(server.connections)
        self._away: Unreachable | None = None
        self._away_until = 0.0
        paced = GROUP_SIZE if per_second is None else int(per_second * LONGEST_GROUP_SECONDS)
        self._begun_within = begun_within
        self.longest_send = begun_within + server.timeout
        self.group_size = max(1, min(GROUP_SIZE, paced))

    def message_id(self, provider_key: str) -> str:
        """The Message-ID without its angle brackets: what the mailbox is asked for."""
        return f"{provider_key}@{self._domain}"

    async def send(self, message: OutgoingMessage) -> None:
        """Return when the server has taken responsibility: its 250 after the letter."""
        mail = await self._letter(message)
        by = asyncio.get_running_loop().time() + self._begun_within.total_seconds()
        try:
            async with asyncio.timeout_at(by):
                await self._places.acquire()
        except TimeoutError:
            raise Unreachable("busy", "All connections to the mail server are busy.") from None
        try:
            if not await self._pace.turn(by):
                raise Unreachable("busy", "The pace that is set lets no more messages through now.")
            if self._away is not None and time.monotonic() < self._away_until:
                raise Unreachable(self._away.code, self._away.reason)
            await self._deliver(message, mail, by)
        finally:
            self._places.release()

    async def _letter(self, message: OutgoingMessage) -> bytes:
        """Written, and signed; off the event loop where it takes longer than a moment."""
        identity, now = self.message_id(message.provider_key), self._now()
        if sum(len(one.content) for one in message.attachments) > WRITTEN_HERE_BYTES:
            mail = await asyncio.to_thread(mail_bytes, message, identity, now)
        else:
            mail = mail_bytes(message, identity, now)
        return await self._signers.signed(mail, message.sender.address, now)

    async def _deliver(self, message: OutgoingMessage, mail: bytes, by: float) -> None:
        sender = on_the_wire(message.envelope_from or message.sender.address)
        to = on_the_wire(message.to)
        session, was_kept = await self._session(by)
        try:
            await message.begins()
            try:
                await session.deliver(sender, to, mail, by)
            except Unreachable as error:
                # The server may have closed a kept connection while nobody used it; that says
                # nothing about the server now. Nothing was accepted, so a new one is tried at once.
                if not was_kept or error.code not in ("connection_lost", "server_closing"):
                    raise
                session = await self._opened(by)
                await message.begins()
                await session.deliver(sender, to, mail, by)
        except asyncio.CancelledError:
            session.drop()
            raise
        finally:
            if session.is_open:
                self._idle.append(session)

    async def _session(self, by: float) -> tuple[SmtpSession, bool]:
        """A connection, and whether it was kept from before."""
        while self._idle:
            session = self._idle.pop()
            if session.is_open:
                return session, True
        return await self._opened(by), False

    async def _opened(self, by: float) -> SmtpSession:
        session = SmtpSession(self._server)
        try:
            await session.open(by)
        except Unreachable as error:
            self._away, self._away_until = error, time.monotonic() + AWAY_SECONDS
            raise
        except asyncio.CancelledError:
            session.drop()
            raise
        self._away = None
        return session

    async def ask(self, provider_key: str) -> Known:
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(session.close() for session in idle))


__all__ = ["GROUP_SIZE", "SmtpChannel", "SmtpServer"]
