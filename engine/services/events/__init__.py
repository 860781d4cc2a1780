"""Things that happened, from outside (`Intake`) and from our own services (`record_events`)."""

from engine.services.events.body import parse
from engine.services.events.intake import Intake
from engine.services.events.items import KINDS, Accepted, Batch, Item, ItemKind, Remark
from engine.services.events.reading import Reader
from engine.services.events.recording import NewEvent, partitions_of, record_event, record_events

__all__ = [
    "KINDS",
    "Accepted",
    "Batch",
    "Intake",
    "Item",
    "ItemKind",
    "NewEvent",
    "Reader",
    "Remark",
    "parse",
    "partitions_of",
    "record_event",
    "record_events",
]
