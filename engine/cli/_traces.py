"""Traces of a process that serves, from its start to its end."""

from __future__ import annotations

import atexit
from importlib.metadata import version

from engine.telemetry import tracing


def begin_traces() -> None:
    """Send traces where OTEL_EXPORTER_OTLP_ENDPOINT says; without it nothing happens."""
    if tracing.set_up(version("cadenza")):
        atexit.register(tracing.end)
