"""The designer on a port of its own, over a real database, for tests that use a browser.

python -m tests.browser.serve PORT DATABASE_URL MAIL_FOLDER
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from fastapi import FastAPI

from crm_store.session import Store
from designer.app import mount
from engine.channels.base import Channel, Sender
from engine.channels.mailbox import Mailbox
from engine.channels.null import NullChannel
from engine.services.messages import SenderSettings
from engine.services.plans import Plans
from engine.services.pokes import NoPokes
from engine.services.sharing import shared_of
from engine.services.templates import TemplateLibrary
from engine.services.unsubscribe import UnsubscribeLinks
from engine.services.vitals import Machine
from tests.designer.seeded_runs import NOW


@cache
def shipped_templates() -> TemplateLibrary:
    return TemplateLibrary(Path(__file__).parents[2] / "templates" / "messages")


def sender_settings() -> SenderSettings:
    links = UnsubscribeLinks("http://127.0.0.1", ["a secret of the tests, long enough"])
    return SenderSettings(Sender("hello@cadenza.test", "Cadenza"), links, b"key of the tests")


@dataclass
class FixedRuntime:
    """As much of the runtime as pages need; the clock stands still, and so do the pictures."""

    store: Store
    mailbox: Mailbox | None
    public_url: str = "http://127.0.0.1"

    def __post_init__(self) -> None:
        self.pokes = NoPokes()
        self.shared = shared_of(Plans(), partitions=1, advance_shards=1, perform_shards=1)
        self.templates = shipped_templates()
        self.sender_settings = sender_settings()
        self.channel: Channel = NullChannel()
        self.settings: Any = SimpleNamespace(
            drivers=SimpleNamespace(advance_shards=1, perform_shards=1, dispatch_partitions=1),
            company=SimpleNamespace(default_zone="UTC"),
        )

    def now(self) -> datetime:
        return NOW

    async def machine(self) -> Machine:
        return Machine(None, channel="null")


def main(port: str, database_url: str, mail_folder: str) -> None:
    mailbox = Mailbox(Path(mail_folder), now=lambda: NOW)
    app = FastAPI()
    mount(app, FixedRuntime(Store(database_url), mailbox))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
