"""Everything that can be set, in one typed tree: a group per subsystem, a sentence per field.

`load()` reads the environment once, at the edge; everybody else is handed the tree or a group of
it. A field's alias is its environment name. Secrets may come from a file instead (`NAME_FILE`).
Units are in the name. `docs/settings.md` is generated from here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from pydantic import ValidationError

from engine.errors import Problem, SettingsRefused
from engine.settings.audit import Audit
from engine.settings.contradictions import contradictions
from engine.settings.delivery import Company, Delivery, Mailbox
from engine.settings.dkim import Dkim
from engine.settings.loading import Group, problems_in, unreadable_secrets
from engine.settings.outgoing import Outgoing
from engine.settings.reports import Reports
from engine.settings.sendgrid import SendGrid
from engine.settings.single_sign_on import SingleSignOn, half_of_it
from engine.settings.storage import Data, Database
from engine.settings.temporal import Temporal
from engine.settings.tracking import Tracking
from engine.settings.web import Security, Web
from engine.settings.work import Drivers, Log, Worker


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole tree. `dataclasses.replace` and `model_copy(update=...)` make changed copies."""

    data: Data
    database: Database
    temporal: Temporal
    web: Web
    security: Security
    single_sign_on: SingleSignOn
    delivery: Delivery
    dkim: Dkim
    sendgrid: SendGrid
    tracking: Tracking
    reports: Reports
    outgoing: Outgoing
    audit: Audit
    company: Company
    mailbox: Mailbox
    drivers: Drivers
    worker: Worker
    log: Log


GROUPS: dict[str, type[Group]] = {
    "data": Data,
    "database": Database,
    "temporal": Temporal,
    "web": Web,
    "security": Security,
    "single_sign_on": SingleSignOn,
    "delivery": Delivery,
    "dkim": Dkim,
    "sendgrid": SendGrid,
    "tracking": Tracking,
    "reports": Reports,
    "outgoing": Outgoing,
    "audit": Audit,
    "company": Company,
    "mailbox": Mailbox,
    "drivers": Drivers,
    "worker": Worker,
    "log": Log,
}
assert list(GROUPS) == [field.name for field in fields(Settings)]


def load() -> Settings:
    """Read the environment. Raises SettingsRefused with every problem at once."""
    problems: list[Problem] = []
    groups: dict[str, Group] = {}
    for name, group in GROUPS.items():
        unreadable = list(unreadable_secrets(group))
        problems += unreadable
        if unreadable:
            continue
        try:
            groups[name] = group()
        except ValidationError as error:
            problems += problems_in(group, error)
    if not problems:
        settings = Settings(**groups)  # type: ignore[arg-type]  # GROUPS and Settings agree (above)
        problems += contradictions(settings.delivery, settings.sendgrid, settings.temporal)
        problems += half_of_it(settings.single_sign_on)
    if problems:
        raise SettingsRefused("The settings are wrong; nothing was started.", problems)
    return settings


__all__ = [
    "GROUPS",
    "Audit",
    "Company",
    "Data",
    "Database",
    "Delivery",
    "Drivers",
    "Log",
    "Mailbox",
    "Outgoing",
    "Reports",
    "Security",
    "SendGrid",
    "Settings",
    "SingleSignOn",
    "Temporal",
    "Tracking",
    "Web",
    "Worker",
    "load",
]
