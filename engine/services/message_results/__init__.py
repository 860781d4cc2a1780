"""What messages brought about: figures by whatever people compare, and as CSV."""

from engine.services.message_results.asking import BY, DEFAULT_BY, Question
from engine.services.message_results.csv_text import csv_of
from engine.services.message_results.figures import Figures, Result, Revenue
from engine.services.message_results.response import (
    Delay,
    Hour,
    LinkResult,
    Response,
    link_results,
    response,
)
from engine.services.message_results.results import message_results

__all__ = [
    "BY",
    "DEFAULT_BY",
    "Delay",
    "Figures",
    "Hour",
    "LinkResult",
    "Question",
    "Response",
    "Result",
    "Revenue",
    "csv_of",
    "link_results",
    "message_results",
    "response",
]
