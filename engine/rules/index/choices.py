"""Rows of which one of several values must suit: `source is web, or score is at least 50`."""

from __future__ import annotations

from collections.abc import Callable

from engine.rules.index.limits import Limits, Measured, SetLimits
from engine.rules.index.probes import SetProbe, ValueProbe

Way = tuple[Measured, Limits | SetLimits]
Probe = ValueProbe | SetProbe
NewProbe = Callable[[Way], Probe]


class Choices:
    """One "or" of each row, at most. A probe per value says which rows its value suits; the rows
    that no probe names are ruled out.
    """

    __slots__ = ("_new_probe", "_probes", "users")

    def __init__(self, new_probe: NewProbe) -> None:
        self.users = 0
        self._new_probe = new_probe
        # The second part of an "or" about the same value is kept apart from the first.
        self._probes: dict[tuple[Measured, int], Probe] = {}

    def flip(self, bit: int, ways: tuple[Way, ...]) -> None:
        """Add a row, or take it out when it is there with these ways."""
        self.users ^= bit
        before: dict[Measured, int] = {}
        for way in ways:
            value, limits = way
            before[value] = before.get(value, -1) + 1
            name = value, before[value]
            probe = self._probes.get(name)
            if probe is None:
                probe = self._probes[name] = self._new_probe(way)
            probe.flip(bit, limits)  # type: ignore[arg-type]  # sets have probes of their own
            # what a probe lets through is then the rows it suits, and no other
            probe.full = probe.users
            if not probe.users:
                del self._probes[name]

    @property
    def probes(self) -> list[Probe]:
        return list(self._probes.values())

    @property
    def are_worth_it(self) -> bool:
        """Whether asking the values costs less than asking the rows."""
        return self.users.bit_count() >= 3 * len(self._probes)
