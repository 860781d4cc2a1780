"""Who has the same draft open now, in this process."""

from __future__ import annotations

from dataclasses import dataclass, field

from nicegui import Client


@dataclass(slots=True)
class Presence:
    """People by flow and by page."""

    _here: dict[str, dict[str, str]] = field(default_factory=dict)

    def come(self, flow: str, client: Client, person: str) -> None:
        """Until the page is gone for good."""
        self._here.setdefault(flow, {})[client.id] = person
        client.on_delete(lambda: self.leave(flow, client.id))

    def leave(self, flow: str, client_id: str) -> None:
        pages = self._here.get(flow, {})
        pages.pop(client_id, None)
        if not pages:
            self._here.pop(flow, None)

    def others(self, flow: str, person: str) -> tuple[str, ...]:
        """By name; a second page of the same person is nobody else."""
        return tuple(sorted({one for one in self._here.get(flow, {}).values() if one != person}))


PRESENCE = Presence()
