"""What the API needs of the process it runs in; `engine.runtime.Runtime` has all of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from crm_store.session import Store
from engine.channels.base import Channel
from engine.channels.mailbox import Mailbox
from engine.services.messages import SenderSettings
from engine.services.pokes import Pokes
from engine.services.templates import TemplateLibrary
from engine.services.unsubscribe import UnsubscribeLinks
from engine.services.work import Shared
from engine.settings import Settings


class Parts(Protocol):
    """Read only. `public_url` is where outsiders find us; `now` gives aware UTC."""

    @property
    def settings(self) -> Settings: ...

    @property
    def store(self) -> Store: ...

    @property
    def pokes(self) -> Pokes: ...

    @property
    def shared(self) -> Shared: ...

    @property
    def unsubscribe_links(self) -> UnsubscribeLinks: ...

    @property
    def channel(self) -> Channel: ...

    @property
    def library(self) -> TemplateLibrary: ...

    @property
    def mailbox(self) -> Mailbox | None: ...

    @property
    def sender_settings(self) -> SenderSettings: ...

    @property
    def public_url(self) -> str: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    async def ready(self) -> dict[str, bool]:
        """Whether each thing we depend on answers just now."""
