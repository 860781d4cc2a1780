"""One connection to a mail server, and what each of its answers means.

The point of no return is the end of the letter. Before it nothing was accepted, whatever goes
wrong; after it, only an answer tells. The stages are therefore sent one by one instead of by
`aiosmtplib.SMTP.sendmail`, which reports a lost connection alike on both sides of that point.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPReadTimeoutError,
    SMTPResponseException,
)

from engine.channels.base import ChannelError, Refused, Unclear, Unreachable
from engine.channels.smtp_answers import CLOSING, OUR_TROUBLE, error_of

Security = Literal["none", "starttls", "tls"]

_ADDRESSES = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. `timeout` bounds each single answer of the server."""

    host: str
    port: int
    security: Security = "none"
    username: str | None = None
    password: str | None = None
    connections: int = 8
    timeout: timedelta = timedelta(seconds=20)
    local_hostname: str = "localhost"
    tls_context: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port}, {self.security})"


class SmtpSession:
    """Opened once; after anything but a plain answer it is dropped and of no more use."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None
        self._half_filled = False

    @property
    def is_open(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def deliver(self, sender: str, to: str, mail: bytes, letter_by: float) -> None:
        """Hand over one mail; raises Refused, Unreachable or Unclear. Where the letter itself could
        not begin by `letter_by` (a time of the event loop), nothing was accepted."""
        if self._client is None:
            raise Unreachable("connection_lost", "The connection was not opened.")
        try:
            async with asyncio.timeout_at(letter_by):
                await self._envelope(self._client, sender, to, len(mail))
        except (SMTPException, OSError) as error:
            raise self._before_the_end(error) from error
        await self._letter(self._client, mail)

    async def open(self, by: float) -> None:
        """Connect and sign in, by a time of the event loop; raises Unreachable."""
        try:
            async with asyncio.timeout_at(by):
                await self._connect()
        except (SMTPException, OSError, ValueError) as error:
            self.drop()
            raise _not_connected(error, self._server) from error

    def drop(self) -> None:
        """Cut the connection without a goodbye."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def close(self) -> None:
        """Say goodbye when there is somebody to say it to."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            if client.is_connected:
                await client.quit(timeout=2)
        except (SMTPException, OSError):
            pass  # the server left first
        finally:
            client.close()

    async def _connect(self) -> None:
        server = self._server
        self._client = client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=server.local_hostname,
            timeout=server.timeout.total_seconds(),
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=server.tls_context,
        )
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()

    async def _envelope(
        self, client: aiosmtplib.SMTP, sender: str, to: str, size_bytes: int
    ) -> None:
        """MAIL, RCPT and DATA up to the server's "go on"."""
        if self._half_filled:
            await self._command(client, "reset", b"RSET")
            self._half_filled = False
        wide = not (sender.isascii() and to.isascii())
        if wide and not client.supports_extension("smtputf8"):
            raise Refused("needs_smtputf8", "The mail server takes no addresses outside ASCII.")
        options = self._size(client, size_bytes)
        options += b" SMTPUTF8 BODY=8BITMIME" if wide else b""
        await self._command(client, "sender", b"MAIL FROM:<" + sender.encode() + b">" + options)
        await self._command(client, "recipient", b"RCPT TO:<" + to.encode() + b">")
        await self._command(client, "content", b"DATA", expected=3)

    def _size(self, client: aiosmtplib.SMTP, size_bytes: int) -> bytes:
        """What MAIL says of the letter's size (RFC 1870); raises Refused when it is too large."""
        if not client.supports_extension("size"):
            return b""
        told = client.esmtp_extensions.get("size", "")
        limit = int(told) if told.isascii() and told.isdecimal() else 0
        if 0 < limit < size_bytes:
            said = f"The mail server takes letters of {limit} bytes; this one has {size_bytes}."
            raise Refused("too_large", said)
        return f" SIZE={size_bytes}".encode()

    async def _command(
        self, client: aiosmtplib.SMTP, stage: str, line: bytes, *, expected: int = 2
    ) -> None:
        response = await client.execute_command(line)
        if response.code // 100 != expected:
            raise self._answered(stage, response.code, response.message)

    async def _letter(self, client: aiosmtplib.SMTP, mail: bytes) -> None:
        """The letter and the one answer that says whether it was accepted."""
        protocol = client.protocol
        if protocol is None:
            raise self._before_the_end(ConnectionResetError("closed"))
        try:
            protocol.write(mail + b".\r\n")
            response = await protocol.read_response(timeout=self._server.timeout.total_seconds())
        except SMTPReadTimeoutError as error:
            self.drop()
            reason = "The mail server took the letter and did not answer in time."
            raise Unclear("no_answer", reason) from error
        except (SMTPException, OSError) as error:
            self.drop()
            reason = "The connection broke after the letter was sent and before the answer came."
            raise Unclear("answer_lost", reason) from error
        if response.code // 100 in (4, 5):
            raise self._answered("content", response.code, response.message)
        if response.code // 100 != 2:
            self.drop()
            raise Unclear("odd_answer", f"The mail server answered {response.code} to a letter.")

    def _answered(self, stage: str, code: int, words: str) -> ChannelError:
        """What a refusing answer means. The connection stays good, with an envelope to be emptied,
        unless the server says goodbye or something that is no refusal at all."""
        self._half_filled = True
        if code == CLOSING or code // 100 not in (4, 5):
            self.drop()
        said = f"The mail server answered {code} {_without_addresses(words)}".strip()
        return error_of(stage, code, words, said)

    def _before_the_end(self, error: Exception) -> ChannelError:
        self.drop()
        if isinstance(error, TimeoutError):
            return Unreachable("slow", "The mail server did not answer in time.")
        if isinstance(error, SMTPResponseException):
            return Unreachable("odd_answer", "The mail server's answer is not SMTP.")
        return Unreachable("connection_lost", "The mail server closed the connection.")


def _not_connected(error: Exception, server: SmtpServer) -> Unreachable:
    where = f"{server.host}:{server.port}"
    if isinstance(error, SMTPAuthenticationError):
        said = f"{where} does not accept our user name and password."
        return Unreachable("sign_in", said, OUR_TROUBLE)
    if isinstance(error, SMTPResponseException):
        said = _without_addresses(str(error.message))
        return Unreachable("not_welcome", f"{where} answered {error.code} {said}".strip())
    encryption = _encryption_error(error)
    if encryption is not None:
        return Unreachable("tls", f"No encrypted connection to {where}: {encryption.reason}.")
    if isinstance(error, TimeoutError):
        return Unreachable("slow", f"{where} did not answer in time.")
    if isinstance(error, ConnectionError | OSError):
        return Unreachable("no_connection", f"No connection to {where}; is the server running?")
    if isinstance(error, SMTPException):
        said = _without_addresses(error.message)
        return Unreachable("not_welcome", f"{where} does not offer what the settings ask: {said}")
    return Unreachable("settings", f"No connection to {where}: {error}")


def _encryption_error(error: BaseException | None) -> ssl.SSLError | None:
    """The trouble with encryption behind an error, if that is what it was."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__
    return error


def _without_addresses(words: str) -> str:
    """Servers repeat addresses in their answers; reasons are stored and shown, so they go."""
    return _ADDRESSES.sub("<address>", " ".join(words.split()))[:200]
