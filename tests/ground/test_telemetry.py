"""What the product tells about itself: lines without secrets, counts without words, traces."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog

from engine.logging_setup import formatter
from engine.services.links.tokens import FOLDERS
from engine.settings import load
from engine.telemetry import tracing
from engine.telemetry.limiting import LimitedHandler
from engine.telemetry.scrubbing import HIDDEN, LONGEST_TEXT, scrub, scrubbed_text

PLANTED = ("ada.lovelace@example.com", "+65 8123 4567", "cad_0123456789abcdef", "hunter2")


@dataclass
class Time:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Written:
    """A logger of its own, with what it wrote."""

    most: int = 0
    time: Time = field(default_factory=Time)
    stream: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        handler = LimitedHandler(self.stream, self.most, self.time)
        settings = load().log.model_copy(update={"format": "json"})
        shared: list[Any] = [structlog.contextvars.merge_contextvars]
        handler.setFormatter(formatter(settings, shared))
        self.log = logging.getLogger(f"tests.telemetry.{id(self)}")
        self.log.addHandler(handler)
        self.log.propagate = False

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def test_no_line_holds_what_was_planted() -> None:
    written = Written()
    text = " ".join(PLANTED[:3]) + " postgresql://crm:hunter2@db.test/crm"
    written.log.error("it failed for %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        written.log.exception("it failed")
    told = written.stream.getvalue()
    assert len(written.lines()) == 2
    assert "ValueError" in told
    assert not [one for one in PLANTED if one in told]


def test_names_hide_values_at_any_depth() -> None:
    event = {"event": "x", "given": {"smtp_password": "a", "email": "b", "fields": [{"token": 1}]}}
    found = scrub(None, "info", event)
    assert found["given"] == {
        "smtp_password": HIDDEN,
        "email": HIDDEN,
        "fields": [{"token": HIDDEN}],
    }


def test_what_is_no_secret_stays() -> None:
    for text in (
        "run 17 of flow welcome failed on node hello",
        "2026-03-02T09:00:00+00:00",
        "GET /flows/win_back/versions/12",
        "poke_failed advance/welcome/1",
    ):
        assert scrubbed_text(text) == text


def test_a_long_text_keeps_its_ends() -> None:
    text = "begin" + "x" * 100_000 + "end"
    found = scrubbed_text(text)
    assert len(found) < LONGEST_TEXT + 100
    assert found.startswith("begin")
    assert found.endswith("end")


def test_a_request_id_stands_in_every_line_of_a_request() -> None:
    written = Written()
    with structlog.contextvars.bound_contextvars(request_id="r1", run_id=7):
        written.log.warning("something")
    (line,) = written.lines()
    assert (line["request_id"], line["run_id"]) == ("r1", 7)


def test_lines_alike_are_left_out_and_counted() -> None:
    written = Written(most=3)
    for run in range(10):
        written.log.error("run %s failed", run)
    written.log.error("another matter")
    assert len(written.lines()) == 4
    written.time.now = 11.0
    written.log.error("run %s failed", 11)
    told = [line["event"] for line in written.lines()[4:]]
    assert told == ["7 more lines like this were left out: run %s failed", "run 11 failed"]


@dataclass
class Kept:
    """A processor of spans that keeps them."""

    spans: list[Any] = field(default_factory=list)

    def on_start(self, span: Any, parent_context: Any = None) -> None: ...

    def _on_ending(self, span: Any) -> None: ...

    def on_end(self, span: Any) -> None:
        self.spans.append(span)

    def shutdown(self) -> None: ...

    def force_flush(self, timeout_millis: int = 0) -> bool:
        return True


@pytest.fixture
def kept() -> Iterator[Kept]:
    processor = Kept()
    tracing.begin("1.0", processor, {})
    yield processor
    tracing.end()


def test_pieces_of_work_hang_together(kept: Kept) -> None:
    with tracing.span("request", kind="server"), tracing.span("accept events", batches=2):
        pass
    inner, outer = kept.spans
    assert (inner.name, outer.name) == ("accept events", "request")
    assert inner.parent.span_id == outer.context.span_id
    assert dict(inner.attributes) == {"batches": 2}


def test_an_error_is_told_by_its_class_alone(kept: Kept) -> None:
    with pytest.raises(ValueError, match="ada"), tracing.span("work"):
        raise ValueError("ada@example.com")
    (span,) = kept.spans
    assert span.attributes["error.type"] == "ValueError"
    assert not span.events
    assert span.status.description is None


def test_without_a_collector_nothing_is_done() -> None:
    assert not tracing.is_wanted({})
    assert not tracing.is_wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "x", "OTEL_SDK_DISABLED": "true"})
    assert tracing.is_wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"})
    assert not tracing.set_up("1.0", {})
    with tracing.span("work") as told:
        told.note(a=1)
        told.failed("x")
    assert tracing.begun("statement") is None


def test_links_of_every_kind_and_escaped_addresses_are_hidden() -> None:
    token = "0123abcd.MTI6dW50aWw.AAAAAAAAAAAAAAAAAAAAAA"
    for folder in FOLDERS.values():
        assert token not in scrubbed_text(f"GET {folder}{token} 200")
    assert "ada" not in scrubbed_text("GET /api/contacts?search=ada%40example.com")
