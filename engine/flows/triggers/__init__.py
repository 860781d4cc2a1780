"""Every kind of trigger. A kind is one file; its import here puts it in the registry."""

from engine.flows.triggers.base import TRIGGER_KINDS, Trigger
from engine.flows.triggers.date import DateTrigger
from engine.flows.triggers.event import EventTrigger
from engine.flows.triggers.flow import FlowTrigger
from engine.flows.triggers.manual import ManualTrigger
from engine.flows.triggers.record import RecordTrigger
from engine.flows.triggers.schedule import ScheduleTrigger
from engine.flows.triggers.segment import SegmentTrigger
from engine.flows.triggers.webhook import WebhookTrigger

__all__ = [
    "TRIGGER_KINDS",
    "DateTrigger",
    "EventTrigger",
    "FlowTrigger",
    "ManualTrigger",
    "RecordTrigger",
    "ScheduleTrigger",
    "SegmentTrigger",
    "Trigger",
    "WebhookTrigger",
    "trigger_from_stored",
]


def trigger_from_stored(stored: dict[str, object]) -> Trigger:
    """The trigger of a published version. Raises KeyError for a kind that is gone."""
    return TRIGGER_KINDS[str(stored["on"])].from_stored(stored)
