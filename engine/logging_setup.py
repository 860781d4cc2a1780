"""Logs on standard error: one event per line, for people or for machines, without secrets and
without people's data, and never more alike than a disk can bear.
"""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

from engine.settings import Log
from engine.telemetry.limiting import LimitedHandler
from engine.telemetry.scrubbing import scrub

# Libraries that speak at length about every connection.
QUIET = (
    "alembic",
    "uvicorn",
    "temporalio.worker",
    "httpx2",
    "httpcore2",
    "mail.log",
    "asyncio",
    "sqlalchemy.pool",
    "opentelemetry",
    "urllib3",
)


def set_up(settings: Log) -> None:
    """Send structlog and the standard library's loggers the same way. Twice is harmless."""
    shared: list[Processor] = [
        # request id at the doors; activity, workflow and attempt in the worker
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = LimitedHandler(sys.stderr, settings.most_alike)
    handler.setFormatter(formatter(settings, shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def formatter(settings: Log, shared: list[Processor]) -> structlog.stdlib.ProcessorFormatter:
    """Tracebacks become text before the line is scrubbed, and nothing is added after that."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # without the local variables of every frame, and with them people's data and keys
            structlog.processors.format_exc_info,
            scrub,
            _rendering(settings),
        ],
    )


def _rendering(settings: Log) -> Processor:
    if settings.format == "json" or (settings.format == "auto" and not sys.stderr.isatty()):
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
