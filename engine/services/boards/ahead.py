"""How many messages a run sends once it goes on, before it waits again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.flows.model import Flow

SENDS: Final = "send_message"
# Kinds at which a run stands until its time comes or somebody answers.
_WAITS: Final = frozenset(
    {"wait", "wait_for", "wait_until", "request_approval", "escalate", "exit"}
)
# What has no other way once its time has come.
_WHEN_DUE: Final = {"wait_for": "timed_out"}


@dataclass(slots=True)
class Ahead:
    """Messages ahead of each place of one flow: (at least, at most). A message counts as sent: who
    has no consent gets none, which nobody knows before."""

    flow: Flow
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    def of(self, node: str) -> tuple[int, int]:
        """For a run whose time comes at this place."""
        found = self.flow.nodes.get(node)
        if found is None:
            return 0, 0
        if found.kind not in _WAITS:
            return self._from(node)
        only = _WHEN_DUE.get(found.kind)
        return self._widest([to for name, to in found.exits.items() if only in (None, name)])

    def _from(self, node: str) -> tuple[int, int]:
        """For a run that arrives here."""
        if node in self._known:
            return self._known[node]
        found = self.flow.nodes.get(node)
        if found is None or found.kind in _WAITS or node in self._asked:
            return 0, 0
        self._asked.add(node)
        if found.kind == SENDS:
            least, most = self._widest(
                [found.exits[one] for one in ("sent",) if one in found.exits]
            )
            answer = least + 1, most + 1
        else:
            answer = self._widest(list(found.exits.values()))
        self._asked.discard(node)
        self._known[node] = answer
        return answer

    def _widest(self, targets: list[str]) -> tuple[int, int]:
        found = [self._from(target) for target in targets]
        return min((one[0] for one in found), default=0), max((one[1] for one in found), default=0)
