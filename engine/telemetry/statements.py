"""A span for each statement that the database answers, named by its verb alone: the text has no
values in it, and is still nobody's business.
"""

from __future__ import annotations

from typing import Any, Final

from engine.telemetry.tracing import begun

_SPAN: Final = "cadenza_span"


def watch(engine: Any) -> None:
    """`engine` is SQLAlchemy's plain one behind a pool. For traces only: it costs a call each."""
    from sqlalchemy import event

    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "after_cursor_execute", _after)
    event.listen(engine, "handle_error", _failed)


def _before(_: Any, __: Any, statement: str, ___: Any, context: Any, many: bool) -> None:
    if context is not None:
        verb = statement.lstrip()[:12].split(None, 1)[0].upper() if statement.strip() else "?"
        setattr(context, _SPAN, begun(f"database {verb}", many=many))


def _after(_: Any, cursor: Any, __: str, ___: Any, context: Any, ____: bool) -> None:
    real = getattr(context, _SPAN, None)
    if real is not None:
        real.set_attribute("cadenza.rows", max(getattr(cursor, "rowcount", 0) or 0, 0))
        real.end()


def _failed(context: Any) -> None:
    real = getattr(context.execution_context, _SPAN, None)
    if real is not None:
        real.set_attribute("error.type", type(context.original_exception).__name__)
        real.end()
