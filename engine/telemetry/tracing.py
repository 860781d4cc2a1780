"""Traces, where somebody asks for them: OTEL_EXPORTER_OTLP_ENDPOINT names a collector.

Without it nothing of OpenTelemetry is imported and `span` costs a comparison. With it, spans go out
by OTLP over HTTP; all other OTEL_* variables have their standard meaning. Attributes are ids,
counts and words of our own code; never people's data, addresses or bodies.

A trace begins at our door or with a driver's activity. What a request leaves behind for later is a
row, not a call, so the activity that finds the row begins a trace of its own. Nobody else's trace
is continued and none is told to others: outsiders would learn and steer what we keep.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import structlog

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
OFF: Final = "OTEL_SDK_DISABLED"
Value = str | int | float | bool

log = structlog.get_logger(__name__)

_tracer: Any = None
_provider: Any = None


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a collector is named."""
    off = environment.get(OFF, "").lower() == "true"
    return not off and any(environment.get(name) for name in ENDPOINTS)


def set_up(version: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Begin to send traces when that is wanted and the extra `telemetry` is there. Twice is
    harmless. A missing extra is said in the log, and the product goes on without traces."""
    if not is_wanted(environment) or _tracer is not None:
        return _tracer is not None
    try:
        exporters = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        processors = import_module("opentelemetry.sdk.trace.export")
    except ImportError:
        log.error(
            "traces_cannot_be_sent",
            do="Install the extra: pip install 'cadenza[telemetry]', or unset the endpoint.",
        )
        return False
    begin(version, processors.BatchSpanProcessor(exporters.OTLPSpanExporter()), environment)
    return True


def begin(version: str, processor: Any, environment: Mapping[str, str] = os.environ) -> None:
    """Give spans to `processor` from now on."""
    global _tracer, _provider
    sdk = import_module("opentelemetry.sdk.trace")
    resources = import_module("opentelemetry.sdk.resources")
    name = environment.get("OTEL_SERVICE_NAME") or "cadenza"
    resource = resources.Resource.create({"service.name": name, "service.version": version})
    _provider = sdk.TracerProvider(resource=resource)
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer("cadenza", version)


def end() -> None:
    """Send what is left; bounded by the exporter's own timeout. Twice is harmless."""
    global _tracer, _provider
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        provider.shutdown()


@contextmanager
def span(name: str, *, kind: str = "internal", **attributes: Value) -> Iterator[Span]:
    """A piece of work in the trace of what asked for it. `kind`: internal, server or client.

    An error is kept by its class alone, because its words may quote people's data.
    """
    if _tracer is None:
        yield _NOTHING
        return
    kinds = import_module("opentelemetry.trace").SpanKind
    with _tracer.start_as_current_span(
        name,
        kind=getattr(kinds, kind.upper()),
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as real:
        told = Span(real)
        try:
            yield told
        except BaseException as error:
            told.failed(type(error).__name__)
            raise


def begun(name: str, **attributes: Value) -> Any:
    """A span that somebody else ends, below the present one; None without traces."""
    if _tracer is None:
        return None
    return _tracer.start_span(name, attributes=attributes)


def can_send() -> bool:
    """Whether the extra is installed."""
    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False


def are_on() -> bool:
    return _tracer is not None


class Span:
    """What may be said of a piece of work while it goes on."""

    __slots__ = ("_real",)

    def __init__(self, real: Any) -> None:
        self._real = real

    def note(self, **attributes: Value) -> None:
        if self._real is not None:
            self._real.set_attributes(attributes)

    def named(self, name: str) -> None:
        if self._real is not None:
            self._real.update_name(name)

    def failed(self, kind: str) -> None:
        if self._real is not None:
            status = import_module("opentelemetry.trace.status")
            self._real.set_attribute("error.type", kind)
            self._real.set_status(status.Status(status.StatusCode.ERROR))


_NOTHING: Final = Span(None)
