"""What the designer needs of the process it runs in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from designer.live import Pulses
from engine.channels.base import Channel
from engine.channels.mailbox import Mailbox
from engine.errors import NotSignedIn
from engine.outgoing import Outgoing
from engine.services.actor import Actor
from engine.services.audit_log.refusals import Refusals
from engine.services.door import came_through
from engine.services.messages import SenderSettings
from engine.services.plans import Plans
from engine.services.pokes import Pokes
from engine.services.secrets import SecretBox
from engine.services.sign_in import SignIns
from engine.services.templates import TemplateLibrary
from engine.services.vitals import Machine
from engine.services.work import Shared


class Runtime(Protocol):
    """The part of `engine.runtime.Runtime` that the designer uses.

    `mailbox` is None where mail really goes out.
    """

    @property
    def store(self) -> Any: ...

    @property
    def pokes(self) -> Pokes: ...

    @property
    def shared(self) -> Shared: ...

    @property
    def mailbox(self) -> Mailbox | None: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    @property
    def public_url(self) -> str: ...

    @property
    def templates(self) -> TemplateLibrary: ...

    @property
    def sender_settings(self) -> SenderSettings: ...

    @property
    def channel(self) -> Channel: ...

    @property
    def settings(self) -> Any: ...

    @property
    def outgoing(self) -> Outgoing: ...

    @property
    def secrets(self) -> SecretBox: ...

    async def machine(self) -> Machine: ...


@dataclass(frozen=True, slots=True)
class Designer:
    """What every page is handed."""

    runtime: Runtime
    sign_ins: SignIns
    pulses: Pulses = field(default_factory=Pulses)
    plans: Plans = field(default_factory=Plans)
    refusals: Refusals | None = None

    @property
    def shards(self) -> int:
        """Drivers of each flow; every one is told when a flow is resumed."""
        return int(self.runtime.settings.drivers.advance_shards)

    def transaction(self) -> AbstractAsyncContextManager[Any]:
        """What a service refuses in it is written down once it is rolled back."""
        work: AbstractAsyncContextManager[Any] = self.runtime.store.transaction()
        return work if self.refusals is None else self.refusals.noting(work)

    def now(self) -> datetime:
        return self.runtime.now()

    @property
    def mailbox(self) -> Mailbox | None:
        return self.runtime.mailbox

    async def actor(self, token: str | None) -> Actor:
        """Who acts now, asked again at every deed: a page may outlive its sign-in.

        Raises NotSignedIn when it does.
        """
        actor = await self.sign_ins.actor_of(token) if token else None
        if actor is None:
            raise NotSignedIn("Your sign-in is over. Sign in again.")
        came_through("page", actor=actor)
        return actor
