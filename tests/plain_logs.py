"""Logs as tests have them unless they set them up themselves."""

from __future__ import annotations

import structlog


def plain_logs() -> None:
    """structlog's own default draws the locals of every frame of a traceback, and that takes a
    minute where they hold the whole product."""
    structlog.configure(
        [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
