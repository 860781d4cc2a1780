"""What only the process knows: Temporal, its workers, the disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

# As `cadenza doctor` has them: a month of a small company, and hardly enough to go on.
LITTLE_BYTES: Final = 2 * 1024**3
SCARCE_BYTES: Final = 200 * 1024**2


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who asks Temporal for work; `identity` is its process and machine."""

    identity: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Machine:
    """`temporal` is None where this process was opened without it. `workers` is None when Temporal
    cannot say. Disk numbers are None where the folder is not there."""

    temporal: bool | None
    namespace: str = ""
    workers: tuple[Worker, ...] | None = None
    disk_free_bytes: int | None = None
    disk_bytes: int | None = None
    channel: str = ""
    # parts that `/readyz` finds not well, by name
    not_ready: tuple[str, ...] = ()
