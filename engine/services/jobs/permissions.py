"""Whose jobs somebody sees: their own, and of those the ones that they might ask for.

A job says what was in a file or whom it was about. Several keys act for one person, and one with
small scopes must not read what another one was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.services.actor import Actor, Permission, may
from engine.services.imports.kinds import KINDS
from engine.services.jobs.kinds import JobKind

IMPORTS: Final = (JobKind.IMPORT, JobKind.CHECK_IMPORT)
# What asking for each takes at least; of imports it follows from what is imported.
_TAKES: Final[Mapping[str, Permission]] = {
    JobKind.CHANGE_CONTACTS: ("read", "contact"),
    JobKind.MEND_RUNS: ("edit", "run"),
    JobKind.REPLAY_LETTERS: ("edit", "hook"),
    JobKind.ERASE_PERSON: ("delete", "privacy"),
}


def kinds_seen(actor: Actor) -> list[str]:
    """The kinds of jobs without a file that the actor might ask for."""
    return [kind for kind, (verb, what) in _TAKES.items() if may(actor, verb, what)]


def imports_seen(actor: Actor) -> list[str]:
    """What the actor might import."""
    return [name for name, kind in KINDS.items() if may(actor, "import", kind.permission)]


def sees_job(actor: Actor, kind: str, given: Mapping[str, Any]) -> bool:
    """One that was cleared, because somebody in it was erased, says nothing any more."""
    if not given:
        return True
    if kind in IMPORTS:
        return given.get("kind") in imports_seen(actor)
    return kind in kinds_seen(actor)
