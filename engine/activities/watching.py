"""What is told about every activity: how long it took, and under which numbers its lines stand."""

from __future__ import annotations

import time
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import CancelledError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from engine.telemetry.counts import ACTIVITY_SECONDS
from engine.telemetry.tracing import Value, span


class Watching(Interceptor):
    """For a worker; knows activities alone, since workflows must not notice who looks."""

    def intercept_activity(
        self,
        next: ActivityInboundInterceptor,  # noqa: A002 - the library's name
    ) -> ActivityInboundInterceptor:
        return _Watched(next)


class _Watched(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = activity.info()
        # workflow ids name a flow and a shard, a deal or an approval: never a person
        numbers = {
            "activity": info.activity_type,
            "workflow_id": info.workflow_id,
            "workflow_run_id": info.workflow_run_id,
            "attempt": info.attempt,
        }
        told: dict[str, Value] = {
            f"cadenza.{name}": value for name, value in numbers.items() if value is not None
        }
        outcome, began = "done", time.perf_counter()
        with (
            structlog.contextvars.bound_contextvars(**numbers),
            span(f"activity {info.activity_type}") as piece,
        ):
            piece.note(**told)
            try:
                return await super().execute_activity(input)
            except (CancelledError, TimeoutError):
                outcome = "cut_off"
                raise
            except Exception:
                outcome = "failed"
                raise
            finally:
                ACTIVITY_SECONDS.labels(info.activity_type, outcome).observe(
                    time.perf_counter() - began
                )
