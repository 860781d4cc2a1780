"""Rooms, messengers and SMS, told in their providers' words by the `apprise` library."""

from engine.channels.chat.channel import ChatChannel
from engine.channels.chat.providers import PROVIDERS, Provider

__all__ = ["PROVIDERS", "ChatChannel", "Provider"]
