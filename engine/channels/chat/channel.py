"""One chat provider as a channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final

from engine.channels.base import Known, OutgoingMessage, Refused, Unclear, Unreachable
from engine.channels.chat.providers import Provider
from engine.channels.chat.wire import Wire, enter, install
from engine.channels.pace import Pace
from engine.outgoing import Answered, NoAnswer, Outgoing

TIMEOUT: Final = timedelta(seconds=10)
# Threads that wait for an answer; a channel has its own, so one slow provider holds up no other.
AT_ONCE: Final = 8
# Two rounds of them, so that a group ends long before the claim on it.
GROUP: Final = 2 * AT_ONCE
_BEGUN_WITHIN_SECONDS: Final = 15.0


class ChatChannel:
    """`settings` are the arguments of the library's own class for this provider, the address
    excepted. `base` stands in for the provider's address in tests."""

    group_size = GROUP

    def __init__(
        self,
        name: str,
        provider: Provider,
        settings: Mapping[str, Any],
        outgoing: Outgoing,
        *,
        per_second: float | None = None,
        timeout: timedelta = TIMEOUT,
        base: str | None = None,
    ) -> None:
        self.name = name
        self._provider = provider
        self._settings = dict(settings)
        self._outgoing = outgoing
        self._pace = Pace(per_second)
        self._timeout = timeout
        self._base = base
        self._places = asyncio.Semaphore(AT_ONCE)
        self._threads: ThreadPoolExecutor | None = None

    async def send(self, message: OutgoingMessage) -> None:
        if not self._provider.is_address(message.to):
            raise Refused("bad_address", "This is no address of this provider.")
        text = self._provider.text_of(message)
        if self._provider.is_too_long(text):
            raise Refused("too_long", "The text is longer than the provider allows.")
        loop = asyncio.get_running_loop()
        by = loop.time() + _BEGUN_WITHIN_SECONDS
        try:
            async with asyncio.timeout_at(by):
                await self._places.acquire()
        except TimeoutError:
            raise Unreachable("busy", "The provider is slow; all places are taken.") from None
        try:
            if not await self._pace.turn(by):
                raise Unreachable("busy", "The pace that is set lets no more through now.")
            await message.begins()
            await self._told(loop, message.to, text)
        finally:
            self._places.release()

    async def _told(self, loop: asyncio.AbstractEventLoop, to: str, text: str) -> None:
        hosts = self._provider.hosts
        wire = Wire(loop, self._outgoing, hosts, self._timeout, self._base)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=self.name)
        try:
            taken = await loop.run_in_executor(self._threads, self._notify, wire, to, text)
        except asyncio.CancelledError:
            wire.cancel()
            raise
        self._judge(wire, taken)

    def _notify(self, wire: Wire, to: str, text: str) -> bool:
        with enter(wire):
            plugin = _plugin(self._provider)(**self._settings, **self._provider.addressed(to))
            return bool(plugin.notify(body=text, title="", body_format="text"))

    def _judge(self, wire: Wire, taken: bool) -> None:
        """Return when the provider has it. Codes decide; the library's own yes or no counts only
        where there was no call at all."""
        if not wire.results:
            raise Refused("bad_message", "The message cannot be told to this provider.")
        last = wire.results[-1]
        if isinstance(last, NoAnswer):
            raise Unclear(last.code, last.reason)
        if not isinstance(last, Answered):
            raise Unreachable(last.code, last.reason)
        trouble = self._provider.judge(last, datetime.now(UTC))
        if trouble is not None:
            raise trouble
        if not taken:
            raise Unclear("odd_answer", "The provider's answer is not the usual one.")

    async def ask(self, provider_key: str) -> Known:
        """None of these providers can be asked by an id of ours."""
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False)


def _plugin(provider: Provider) -> Any:
    """The library's class; loading it takes most of a second, so only who needs it does."""
    # it writes tokens and texts into its log
    logging.getLogger("apprise").disabled = True
    module = import_module(f"apprise.plugins.{provider.module}")
    install(module)
    return getattr(module, provider.plugin)
