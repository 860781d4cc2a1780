"""Logs on standard error: one event per line, for people or for machines, without secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from engine.settings import Log

# Names under which a secret might be logged by mistake.
SECRET_NAMES = ("password", "secret", "token", "authorization", "api_key", "cookie", "database_url")
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
)


def set_up(settings: Log) -> None:
    """Send structlog and the standard library's loggers the same way. Twice is harmless."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide_secrets(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank values whose name says that they are secret."""
    del logger, method
    for name in event:
        if any(secret in name.lower() for secret in SECRET_NAMES):
            event[name] = "(hidden)"
    return event


def _rendering(settings: Log) -> list[Processor]:
    if settings.format == "json" or (settings.format == "auto" and not sys.stderr.isatty()):
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    # The default prints the local variables of every frame, and with them people's data and keys.
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]
