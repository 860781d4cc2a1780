"""Imports that go on while nobody looks: a page that is closed stops none of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from nicegui import background_tasks

from designer.importing.draft import ImportDraft
from designer.runtime import Designer
from engine.errors import CadenzaError, Conflict
from engine.services.actor import Actor
from engine.services.imports import ImportReport, Progress, import_file

MOST_AT_ONCE: Final = 3
# How many that are over are remembered, with their files of rejected lines.
MOST_KEPT: Final = 20


@dataclass(slots=True)
class RunningImport:
    """`report` is there at the end, or `refused`."""

    number: int
    user_id: int | None
    draft: ImportDraft
    dry_run: bool
    progress: Progress | None = None
    report: ImportReport | None = None
    refused: CadenzaError | None = None

    @property
    def is_over(self) -> bool:
        return self.report is not None or self.refused is not None

    @property
    def share(self) -> float:
        if self.is_over:
            return 1.0
        if self.progress is None or not self.progress.size:
            return 0.0
        return min(1.0, self.progress.done / self.progress.size)


@dataclass(slots=True)
class ImportDesk:
    """What runs in this process, by number."""

    _running: dict[int, RunningImport] = field(default_factory=dict)
    _last: int = 0

    def of(self, user_id: int | None) -> list[RunningImport]:
        return [one for one in self._running.values() if one.user_id == user_id]

    def find(self, number: int, user_id: int | None) -> RunningImport | None:
        one = self._running.get(number)
        return one if one is not None and one.user_id == user_id else None

    def start(
        self, designer: Designer, actor: Actor, draft: ImportDraft, *, dry_run: bool
    ) -> RunningImport:
        """Raises Refused for what cannot be imported at all, Conflict when too many run."""
        if sum(not one.is_over for one in self._running.values()) >= MOST_AT_ONCE:
            raise Conflict(f"{MOST_AT_ONCE} imports run already. Wait until one of them is done.")
        partitions = int(designer.runtime.settings.drivers.dispatch_partitions)
        order = draft.order(partitions=partitions, dry_run=dry_run)
        self._last += 1
        started = RunningImport(self._last, actor.id, draft, dry_run)
        self._running[started.number] = started

        def show(progress: Progress) -> None:
            started.progress = progress

        async def run() -> ImportReport:
            return await import_file(
                designer.runtime.store, actor, order, designer.runtime.now, show
            )

        background_tasks.create(self._to_end(designer, started, run), name="an import")
        self._forget()
        return started

    async def _to_end(
        self,
        designer: Designer,
        started: RunningImport,
        run: Callable[[], Awaitable[ImportReport]],
    ) -> None:
        try:
            report = await run()
        except CadenzaError as error:
            started.refused = error
            return
        started.report = report
        if not started.dry_run:
            designer.runtime.pokes.dispatch(report.partitions)
            designer.pulses.clear()

    def _forget(self) -> None:
        over = [number for number, one in self._running.items() if one.is_over]
        while len(over) > MOST_KEPT:
            gone = self._running.pop(over.pop(0))
            if all(one.draft is not gone.draft for one in self._running.values()):
                gone.draft.clear()


DESK: Final = ImportDesk()
