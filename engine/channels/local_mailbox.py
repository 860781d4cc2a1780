"""The mailbox of this machine as a channel: mail goes in by SMTP and can be asked for."""

from __future__ import annotations

import asyncio
from typing import Protocol

from engine.channels.base import Known, OutgoingMessage
from engine.channels.smtp import SmtpChannel


class Findable(Protocol):
    """What is needed of `engine.channels.mailbox.Mailbox`."""

    def find(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID arrived; reads a file."""


class LocalMailbox:
    """SMTP that can be asked, so a message is never *maybe sent* for longer than one question."""

    name = "mailbox"

    def __init__(self, smtp: SmtpChannel, mailbox: Findable) -> None:
        self._smtp = smtp
        self._mailbox = mailbox
        self.group_size = smtp.group_size
        self.longest_send = smtp.longest_send

    async def send(self, message: OutgoingMessage) -> None:
        await self._smtp.send(message)

    async def ask(self, provider_key: str) -> Known:
        wanted = self._smtp.message_id(provider_key)
        found = await asyncio.to_thread(self._mailbox.find, wanted)
        return Known.SENT if found else Known.ABSENT

    async def close(self) -> None:
        await self._smtp.close()
