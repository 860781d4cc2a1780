"""What the doors count. One set per application, in the registry it was given."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

# From a cached page to the time limit, dense where the objectives are.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class DoorMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.accepted = Counter(
            "cadenza_events_accepted", "Events written, by source.", ["source"], registry=registry
        )
        self.duplicates = Counter(
            "cadenza_events_duplicate",
            "Events that were there already, by source.",
            ["source"],
            registry=registry,
        )
        self.refused = Counter(
            "cadenza_events_refused",
            "Malformed events, by source and reason.",
            ["source", "code"],
            registry=registry,
        )
        self.request_seconds = Histogram(
            "cadenza_request_seconds",
            "Time to answer a request.",
            ["route", "method", "status"],
            buckets=_BUCKETS,
            registry=registry,
        )
