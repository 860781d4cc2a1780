"""API and designer on a port of their own, over a real database, for tests that use a browser.

python -m tests.browser.serve PORT DATABASE_URL MAIL_FOLDER
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn

from crm_store.session import Store
from designer.app import mount
from engine.api.app import create_app
from engine.channels.base import Channel, Sender
from engine.channels.mailbox import Mailbox
from engine.channels.null import NullChannel
from engine.outgoing import Outgoing
from engine.services.messages import SenderSettings
from engine.services.plans import Plans
from engine.services.pokes import NoPokes, Pokes
from engine.services.secrets import box_of
from engine.services.sharing import shared_of
from engine.services.templates import TemplateLibrary
from engine.services.unsubscribe import UnsubscribeLinks
from engine.services.vitals import Machine
from engine.settings import Settings, load
from tests.asked_here import AskedHere
from tests.designer.seeded_runs import NOW


@cache
def shipped_templates() -> TemplateLibrary:
    return TemplateLibrary(Path(__file__).parents[2] / "templates" / "messages")


def sender_settings(public_url: str = "http://127.0.0.1") -> SenderSettings:
    links = UnsubscribeLinks(public_url, ["a secret of the tests, long enough"])
    return SenderSettings(Sender("hello@cadenza.test", "Cadenza"), links, b"key of the tests")


@dataclass
class FixedRuntime:
    """As much of the runtime as pages need; the clock stands still, and so do the pictures."""

    store: Store
    mailbox: Mailbox | None
    public_url: str = "http://127.0.0.1"

    def __post_init__(self) -> None:
        self.pokes: Pokes = NoPokes()
        self.shared = shared_of(Plans(), partitions=1, advance_shards=1, perform_shards=1)
        self.templates = shipped_templates()
        self.sender_settings = sender_settings()
        self.channel: Channel = NullChannel()
        self.outgoing = Outgoing()
        self.secrets = box_of({}, ["a secret that only tests have, of 40"])
        self.settings: Any = SimpleNamespace(
            drivers=SimpleNamespace(advance_shards=1, perform_shards=1, dispatch_partitions=1),
            company=SimpleNamespace(default_zone="UTC"),
        )

    def now(self) -> datetime:
        return NOW

    async def machine(self) -> Machine:
        return Machine(None, channel="null")


@dataclass
class ServedRuntime(FixedRuntime):
    """What the API needs too. Answers are acted on in this process, as a host would."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sender_settings = sender_settings(self.public_url)
        settings = load()
        alone = {"advance_shards": 1, "perform_shards": 1, "dispatch_partitions": 1}
        drivers = settings.drivers.model_copy(update=alone)
        self.settings: Settings = replace(settings, drivers=drivers)
        self.shared = shared_of(
            Plans(),
            partitions=1,
            advance_shards=1,
            perform_shards=1,
            links=self.unsubscribe_links.signed,
            library=lambda: self.templates,
        )
        self.pokes: Pokes = AskedHere(self.store, self.shared, self.now)

    @property
    def unsubscribe_links(self) -> UnsubscribeLinks:
        return self.sender_settings.links

    @property
    def library(self) -> TemplateLibrary:
        return self.templates

    async def ready(self) -> dict[str, bool]:
        return {"database": True, "temporal": True}


def main(port: str, database_url: str, mail_folder: str) -> None:
    mailbox = Mailbox(Path(mail_folder), now=lambda: NOW)
    runtime = ServedRuntime(Store(database_url), mailbox, f"http://127.0.0.1:{port}")
    app = create_app(runtime)
    mount(app, runtime)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
