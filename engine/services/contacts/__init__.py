"""Contacts: their fields, what an `identify` call says of them, and who is who."""

from engine.services.contacts.acquaintance import Acquaintance, Circle
from engine.services.contacts.traits import read_traits

__all__ = ["Acquaintance", "Circle", "read_traits"]
