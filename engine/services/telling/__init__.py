"""Telling our own people: once each, in their language, by the ways they chose."""

from engine.services.telling.tellings import Telling, Urgency, tell
from engine.services.telling.ways import NOWHERE, NoticeWay, channel_names, list_ways, set_ways

__all__ = [
    "NOWHERE",
    "NoticeWay",
    "Telling",
    "Urgency",
    "channel_names",
    "list_ways",
    "set_ways",
    "tell",
]
