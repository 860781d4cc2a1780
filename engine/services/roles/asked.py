"""What of all verbs and kinds is ever asked: what a page and the documentation need to show.

A test reads it out of the source, so that nothing is asked that nobody can be given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.services.actor import Kind, Verb

_READ: Final[tuple[Verb, ...]] = ("read",)
_KEPT: Final[tuple[Verb, ...]] = ("read", "edit", "create", "delete")

# In the order in which people think of them: customers, sales, campaigns, rules of work, operation.
GROUPS: Final[Mapping[str, Mapping[Kind, tuple[Verb, ...]]]] = {
    "customers": {
        "contact": ("read", "edit", "create", "delete", "import", "manage"),
        "account": ("read", "edit", "create", "import"),
        "ticket": ("read", "edit", "create", "publish"),
        "order": ("read", "import"),
        "event": ("read", "record"),
        "segment": _KEPT,
    },
    "sales": {
        "deal": ("read", "edit", "create", "import", "manage"),
        "activity": ("read", "edit", "create"),
        "pipeline": ("read", "edit", "publish"),
        "assignment": ("read", "edit", "publish"),
        "target": ("read", "edit", "publish"),
        "approval": ("read", "edit", "create"),
        "escalation": ("read", "edit", "create"),
    },
    "campaigns": {
        "flow": (*_KEPT, "publish", "pause"),
        "run": ("read", "edit"),
        "message": ("read", "edit", "manage"),
        "template": ("read", "edit", "create", "publish"),
        "form": _KEPT,
        "file": ("read", "create", "delete"),
        "sending_policy": ("read", "edit", "publish"),
        "decision_table": _KEPT,
        "scoring_model": _KEPT,
    },
    "work": {
        "approval_chain": ("read", "edit", "publish", "manage"),
        "escalation_policy": ("read", "edit", "publish"),
        "calendar": ("read", "edit", "publish"),
        "team": ("read", "edit"),
        "absence": ("read", "edit", "create", "manage"),
        "notice": ("read", "edit"),
    },
    "operation": {
        "user": ("read", "manage"),
        "api_key": ("read", "manage"),
        "write_key": ("read", "manage"),
        "secret": ("read", "manage"),
        "hook": _KEPT,
        "channel": ("read", "manage"),
        "mailbox": _READ,
        "audit": _READ,
        "webhook": (*_KEPT, "manage"),
        "privacy": _KEPT,
        "retention": ("edit",),
        "backup": ("read", "manage"),
    },
}


def asked() -> Mapping[Kind, tuple[Verb, ...]]:
    return {kind: verbs for group in GROUPS.values() for kind, verbs in group.items()}
