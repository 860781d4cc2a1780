"""Mail that comes back: addresses that say of which message, and reading what servers write."""

from engine.channels.bounces.address import BounceAddresses
from engine.channels.bounces.reading import Kind, Letter, read

__all__ = ["BounceAddresses", "Kind", "Letter", "read"]
