"""The kinds of jobs, and what whoever carries one out is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from crm_store.session import Store
from engine.services.actor import Actor
from engine.services.pokes import Pokes
from engine.services.work import Shared


class JobKind(StrEnum):
    """Written into rows; a name stays."""

    IMPORT = "import"
    CHECK_IMPORT = "check_import"
    CHANGE_CONTACTS = "change_contacts"
    MEND_RUNS = "mend_runs"
    REPLAY_LETTERS = "replay_letters"
    ERASE_PERSON = "erase_person"


class JobStopped(Exception):
    """Somebody cancelled the job, or another worker has it."""


@dataclass(frozen=True, slots=True)
class JobMeans:
    """One worker's."""

    store: Store
    shared: Shared
    pokes: Pokes
    now: Callable[[], datetime]


@dataclass(slots=True)
class Hand:
    """What a job is carried out with. `so_far` is the progress as it was last written, with where
    to go on; `tell` notes how far it is, and raises JobStopped when it is to stop."""

    means: JobMeans
    actor: Actor
    job_id: int
    given: Mapping[str, Any]
    so_far: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False

    def tell(self, **progress: Any) -> None:
        if self.stopped:
            raise JobStopped
        self.so_far = {**self.so_far, **progress}


class Carrier(Protocol):
    """Does the whole of a job and gives its result, a JSON document."""

    async def __call__(self, hand: Hand) -> dict[str, Any]: ...
