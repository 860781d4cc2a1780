"""What every request passes on its way in: pure ASGI, outermost first."""

from engine.api.edge.api_door import ApiDoor
from engine.api.edge.body_limit import BodyLimit
from engine.api.edge.request_id import RequestId
from engine.api.edge.security_headers import SecurityHeaders
from engine.api.edge.time_limit import TimeLimit
from engine.api.edge.timing import Timing

__all__ = ["ApiDoor", "BodyLimit", "RequestId", "SecurityHeaders", "TimeLimit", "Timing"]
