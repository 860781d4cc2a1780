"""How the installation is: what waits for whom, and whether what it stands on answers."""

from engine.services.vitals.machine import LITTLE_BYTES, SCARCE_BYTES, Machine, Worker
from engine.services.vitals.queues import Database, Level, Queue, Queues, look
from engine.services.vitals.standing import Standing, standing

__all__ = [
    "LITTLE_BYTES",
    "SCARCE_BYTES",
    "Database",
    "Level",
    "Machine",
    "Queue",
    "Queues",
    "Standing",
    "Worker",
    "look",
    "standing",
]
