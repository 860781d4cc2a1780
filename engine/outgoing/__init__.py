"""The one way in which this program calls other systems over HTTP."""

from engine.outgoing.answers import Answered, NoAnswer, NotAllowed, NotSent, OutgoingError
from engine.outgoing.client import Call, Outgoing

__all__ = ["Answered", "Call", "NoAnswer", "NotAllowed", "NotSent", "Outgoing", "OutgoingError"]
