"""Flows as files beside those that are stored: exporting, comparing, what publishing would do."""

from engine.services.flow_files.exporting import exported
from engine.services.flow_files.forecast import (
    Affected,
    Forecast,
    forecast,
)
from engine.services.flow_files.named import NamedFlow, named_flow

__all__ = ["Affected", "Forecast", "NamedFlow", "exported", "forecast", "named_flow"]
