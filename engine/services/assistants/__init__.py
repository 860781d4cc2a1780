"""What an assistant may look up for the person it works for. Nothing here changes anything."""

from engine.services.assistants.looking import LOOKS, Look, Means, look_up

__all__ = ["LOOKS", "Look", "Means", "look_up"]
