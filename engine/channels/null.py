"""A channel that accepts everything and sends nothing: for benchmarks and dry runs."""

from __future__ import annotations

from engine.channels.base import Known, OutgoingMessage


class NullChannel:
    """Keeps no message, only how many there were; so it cannot tell what became of one."""

    name = "null"
    group_size = 500

    def __init__(self) -> None:
        self.accepted = 0

    async def send(self, message: OutgoingMessage) -> None:
        del message
        self.accepted += 1

    async def ask(self, provider_key: str) -> Known:
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        """There is nothing to let go of."""
