"""What the doors count, and how things stand when somebody asks. One set per application, in the
registry it was given.

No label ever holds what a person or another system wrote: routes by their pattern, codes and kinds
by our words, sources by the names admins gave them and only so many of those.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.vitals import Standing, standing
from engine.telemetry.counts import PROCESS

# From a cached page to the time limit, dense where the objectives are.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# Sources with a line of their own; those that come after share one.
MOST_SOURCES: Final = 100
OTHERS: Final = "other"
# However often a collector comes, the database is asked this seldom.
FRESH_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 5.0


class DoorMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        known: set[str] = set()
        self.accepted = BySource(
            Counter(
                "cadenza_events_accepted",
                "Events written, by source.",
                ["source"],
                registry=registry,
            ),
            known,
        )
        self.duplicates = BySource(
            Counter(
                "cadenza_events_duplicate",
                "Events that were there already, by source.",
                ["source"],
                registry=registry,
            ),
            known,
        )
        self.refused = BySource(
            Counter(
                "cadenza_events_refused",
                "Malformed events, by source and reason.",
                ["source", "code"],
                registry=registry,
            ),
            known,
        )
        self.request_seconds = Histogram(
            "cadenza_request_seconds",
            "Time to answer a request.",
            ["route", "method", "status"],
            buckets=_BUCKETS,
            registry=registry,
        )


class BySource:
    """A counter whose first label is a source: bounded, however many sources there are."""

    def __init__(self, counter: Counter, known: set[str]) -> None:
        self._counter = counter
        self._known = known

    def labels(self, source: str, *others: str) -> Counter:
        if source not in self._known:
            if len(self._known) >= MOST_SOURCES:
                source = OTHERS
            self._known.add(source)
        return self._counter.labels(source, *others)


class Standings(Collector):
    """How things stand in the database and its pool, as they were found last."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._found: Standing | None = None
        self._at = float("-inf")
        self._asking = asyncio.Lock()

    async def refresh(self) -> None:
        """Ask the database, unless that was done just now. What it does not answer is left out."""
        async with self._asking:
            if time.monotonic() - self._at < FRESH_SECONDS:
                return
            self._found = None
            try:
                async with asyncio.timeout(LONGEST_SECONDS), self._store.transaction() as session:
                    self._found = await standing(session, SYSTEM, self._now())
            except (SQLAlchemyError, OSError, TimeoutError):
                pass
            self._at = time.monotonic()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self._found
        yield _gauge("cadenza_database_up", "Whether the database answers.", int(found is not None))
        yield from self._pool()
        if found is None:
            return
        yield _by(
            "cadenza_queue_waiting",
            "What is ready for a driver and not done yet.",
            "queue",
            ((one.code, one.waiting) for one in found.queues.queues),
        )
        yield _by(
            "cadenza_queue_lag_seconds",
            "How long the oldest has been ready.",
            "queue",
            ((one.code, one.lag.total_seconds()) for one in found.queues.queues),
        )
        yield _gauge("cadenza_runs_held", "Runs that wait for a person.", found.queues.held_runs)
        yield _gauge(
            "cadenza_messages_maybe_sent",
            "Messages of which nobody knows whether they went.",
            found.queues.maybe_sent,
        )
        yield _by(
            "cadenza_sender_domains",
            "Sender domains by the state of their breaker.",
            "state",
            found.domains.items(),
        )
        for name, (about, counts) in found.rows.items():
            yield _by(f"cadenza_{name}", about, "state", counts.items())
        database = found.queues.database
        yield _gauge("cadenza_database_bytes", "Size of the database.", database.size_bytes)
        yield _by(
            "cadenza_database_connections",
            "Connections of everybody to the database, and how many it takes.",
            "what",
            (("used", database.connections), ("most", database.most_connections)),
        )
        yield _gauge(
            "cadenza_clock_skew_seconds",
            "How far the database's clock is from ours.",
            database.skew.total_seconds(),
        )

    def _pool(self) -> Iterator[GaugeMetricFamily]:
        # the asynchronous pool counts like the ordinary one, and its base class does not say so
        pool: Any = self._store.engine.pool
        yield _by(
            "cadenza_database_pool",
            "Connections of this process: taken, idle, and how many it keeps.",
            "what",
            (("taken", pool.checkedout()), ("idle", pool.checkedin()), ("size", pool.size())),
        )


async def exposition(registry: CollectorRegistry, standings: Standings) -> bytes:
    """All of it in the text a collector reads."""
    await standings.refresh()
    return generate_latest(registry) + generate_latest(PROCESS)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)


def _by(
    name: str, about: str, label: str, values: Iterable[tuple[str, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values:
        family.add_metric([key], value)
    return family
