"""Figures of sales work: what is likely to be won, where deals wait, and who wins how."""

from engine.services.insight.accuracy import ForecastAccuracy, forecast_accuracy
from engine.services.insight.aging import Aging, aging
from engine.services.insight.answers import (
    ApprovalTimes,
    PolicyTime,
    TicketTime,
    approval_times,
    escalation_times,
    ticket_times,
)
from engine.services.insight.asking import Question
from engine.services.insight.bottlenecks import Bottleneck, bottlenecks
from engine.services.insight.conversion import Conversion, conversion
from engine.services.insight.forecast import Forecast, forecast
from engine.services.insight.forecast_days import Taken, write_down_forecast
from engine.services.insight.performance import Performances, performance
from engine.services.insight.tables import TABLES, Wanted
from engine.services.insight.targets import (
    Attainment,
    WantedTarget,
    list_targets,
    remove_target,
    set_targets,
)
from engine.services.insight.targets_file import read_targets

__all__ = [
    "TABLES",
    "Aging",
    "ApprovalTimes",
    "Attainment",
    "Bottleneck",
    "Conversion",
    "Forecast",
    "ForecastAccuracy",
    "Performances",
    "PolicyTime",
    "Question",
    "Taken",
    "TicketTime",
    "Wanted",
    "WantedTarget",
    "aging",
    "approval_times",
    "bottlenecks",
    "conversion",
    "escalation_times",
    "forecast",
    "forecast_accuracy",
    "list_targets",
    "performance",
    "read_targets",
    "remove_target",
    "set_targets",
    "ticket_times",
    "write_down_forecast",
]
