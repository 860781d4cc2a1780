"""Whatever is handed in as a rule is refused with places or can be asked, and costs little."""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from engine.rules import Rule, RuleRefused, parse
from engine.rules.to_sql import NotInSql
from engine.services.segments_query import all_ids_matching
from tests.rules.adversarial import CATALOGUE, NOW
from tests.rules.hostile_rules import SHAPES, hostile

# The whole is FUZZ=100000; a push asks a part of it.
DOCUMENTS = int(os.environ.get("FUZZ", "1000"))
SLOWEST_SECONDS = 0.05
LARGEST_BYTES = 16 * 2**20
# Every so manieth document is asked again while memory is counted, which is slow.
WEIGHED = 1 if "FUZZ" in os.environ else 10


def asked(document: Any) -> Rule | None:
    """Refuse the document or ask it about somebody of whom nothing is known."""
    try:
        rule = parse(document, CATALOGUE, event_rule=True, subject="deal")
    except RuleRefused as found:
        refused = found
    else:
        assert rule.holds({}, NOW) in (True, False)
        assert rule.explain({"contact": {}}, NOW).truth in (True, False)
        return rule
    assert refused.problems
    assert str(refused).encode(), "a message that no answer can hold"
    return None


@dataclass
class Largest:
    seconds: float = 0.0
    bytes: int = 0

    def note(self, seconds: float, size: int) -> None:
        self.seconds, self.bytes = max(self.seconds, seconds), max(self.bytes, size)


def seconds_of(document: Any) -> float:
    """CPU of this thread; the least of three turns where it is much, for others run here too."""
    took = float("inf")
    for _ in range(3):
        started = time.thread_time()
        asked(document)
        took = min(took, time.thread_time() - started)
        if took < SLOWEST_SECONDS / 2:
            break
    return took


@contextmanager
def counted_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def bytes_of(document: Any) -> int:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    asked(document)
    return tracemalloc.get_traced_memory()[1] - before


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hostile_shape_costs_little(shape: str) -> None:
    document = SHAPES[shape]()
    assert seconds_of(document) < SLOWEST_SECONDS
    if shape == "a generator":
        return
    with counted_memory():
        assert bytes_of(document) < LARGEST_BYTES


def test_no_document_crashes_or_costs_much() -> None:
    largest, accepted = Largest(), 0
    gc.disable()  # a collection of everything else is no cost of the document it falls on
    try:
        for document in hostile(DOCUMENTS, seed=5):
            largest.note(seconds_of(document), 0)
        with counted_memory():
            for number, document in enumerate(hostile(DOCUMENTS, seed=5)):
                if number % WEIGHED == 0:
                    largest.note(0, bytes_of(document))
    finally:
        gc.enable()
    for document in hostile(min(DOCUMENTS, 2_000), seed=6):
        rule = asked(document)
        accepted += rule is not None
        if rule is not None:
            with suppress(NotInSql):
                str(all_ids_matching(rule, NOW))
    assert accepted > 100, "hardly any document is a rule, so little is tried"
    print(  # noqa: T201 - shown with pytest -rP
        f"{DOCUMENTS:,} documents: slowest {largest.seconds * 1e3:.1f} ms,"
        f" largest {largest.bytes / 2**20:.2f} MiB"
    )
    assert largest.seconds < SLOWEST_SECONDS
    assert largest.bytes < LARGEST_BYTES
