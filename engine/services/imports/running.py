"""An import from its first line to its report."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import imports as rows
from crm_store.exit_asks import Marks, marks
from crm_store.giving_way import again_and_again
from crm_store.scores import begin_rounds
from crm_store.segments import ask_for_recount
from crm_store.session import Store
from engine.errors import Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record as audit
from engine.services.changes.exit_asks import ask_page, versions_that_leave_by
from engine.services.events import partitions_of, record_events
from engine.services.imports.batch import BatchWriter, settle_asides
from engine.services.imports.draft import Draft
from engine.services.imports.drafting import Drafting
from engine.services.imports.firing import events_of, with_changes
from engine.services.imports.kinds import KINDS
from engine.services.imports.kinds.base import RecordKind
from engine.services.imports.mapping import Layout, Mapping
from engine.services.imports.matching import Fate, Placed
from engine.services.imports.preparation import mapping_from_header, prepare
from engine.services.imports.readers import LARGEST_FILE, Table, open_table
from engine.services.imports.rejects import Rejects
from engine.services.imports.report import ImportReport, PreviewLine, Progress, Tally
from engine.services.imports.trouble import told_as_sentences
from engine.services.plans import Plans

# Large enough that a statement's fixed cost vanishes, small enough that a batch is a few megabytes
# and its locks are held for a fraction of a second.
BATCH: Final = 2_000
PREVIEWED: Final = 20
# A batch that was chosen to end a circle of waiting is done again.
ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import and how. `fire` is the number of dispatch partitions when events shall be
    written for the records (which may start flows), None when nothing shall happen. `ask` is the
    number of them when people whose exit rules the records make true shall leave all the same.
    `name` is what people call the file, where it is kept under another name."""

    path: Path
    kind: str | None = None
    mapping: Mapping | None = None
    dry_run: bool = False
    fire: int | None = None
    ask: int | None = None
    rejects: Path | None = None
    lines: int | None = None
    batch: int = BATCH
    largest_file: int = LARGEST_FILE
    name: str = ""


async def import_file(
    store: Store,
    actor: Actor,
    order: ImportOrder,
    now: Callable[[], datetime],
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> ImportReport:
    """Import a file in batches, each a transaction of its own.

    Stopped half way, what was committed stays and importing the file again does the rest. A dry run
    does everything in one transaction and takes it back. Raises Refused when the file or mapping
    cannot be used at all; single wrong lines go to the rejects. Raises DiskFull or Unavailable when
    the database fails in the middle.
    """
    kind = _kind(order)
    allowed(actor, "import", kind.permission)
    if order.fire is not None:
        allowed(actor, "import", "contact")
    layout = order.mapping.file if order.mapping else Layout()
    table = await asyncio.to_thread(open_table, order.path, layout, largest=order.largest_file)
    mapping = order.mapping or mapping_from_header(kind, table.header)
    rejects = Rejects(order.rejects, table.header)
    try:
        with told_as_sentences():
            async with _session(store, dry_run=order.dry_run) as session:
                run = _Run(order, actor, kind, mapping, table, rejects, session, now, progress)
                return await run.to_end()
    finally:
        rejects.close()


async def preview_file(
    store: Store, actor: Actor, order: ImportOrder, now: Callable[[], datetime]
) -> ImportReport:
    """The first lines as they would be imported; nothing is written."""
    first = ImportOrder(order.path, order.kind, order.mapping, dry_run=True, lines=PREVIEWED)
    return await import_file(store, actor, first, now)


def _kind(order: ImportOrder) -> RecordKind:
    name = order.kind or (order.mapping.kind if order.mapping else None)
    if name is None:
        raise Refused(f"Say what the lines are: one of {', '.join(KINDS)}.")
    if name not in KINDS:
        raise Refused(f'"{name}" cannot be imported; it is one of {", ".join(KINDS)}.')
    if order.mapping and order.mapping.kind != name:
        raise Refused(f"The mapping is for {order.mapping.kind}, not for {name}.")
    return KINDS[name]


@asynccontextmanager
async def _session(store: Store, *, dry_run: bool) -> AsyncIterator[AsyncSession]:
    """A database session of its own for the whole import; its temporary tables end with it."""
    connection = await store.engine.connect()
    try:
        if dry_run:
            await connection.begin()
        session = AsyncSession(
            connection,
            expire_on_commit=False,
            join_transaction_mode="create_savepoint" if dry_run else "conditional_savepoint",
        )
        async with session:
            yield session
    finally:
        # Not back to the pool: the connection holds the import's notes.
        await connection.invalidate()
        await connection.close()


@dataclass(slots=True)
class _Run:
    order: ImportOrder
    actor: Actor
    kind: RecordKind
    mapping: Mapping
    table: Table
    rejects: Rejects
    session: AsyncSession
    now: Callable[[], datetime]
    progress: Callable[[Progress], None]

    async def to_end(self) -> ImportReport:
        began = time.monotonic()
        import_id = secrets.token_hex(8)
        tally = Tally()
        preview: list[PreviewLine] = []
        async with self.session.begin():
            before = await marks(self.session)
            await rows.open_notes(self.session)
            prepared = await prepare(self.session, self.actor, self.mapping, self.kind)
        drafting = Drafting(
            self.mapping, self.kind, self.table.header, prepared.custom, prepared.stage_ids
        )
        writer = BatchWriter(self.kind, self.mapping, prepared.stages)
        async for drafts in self._batches(drafting):
            placed = await self._commit(writer, drafts, tally, import_id)
            if self.order.lines is not None:
                preview += [self._shown(line) for line in placed]
        await self._settle(writer, tally)
        await self._ask_exit_rules(before, tally)
        report = self._report(writer, tally, time.monotonic() - began, preview)
        if not self.order.dry_run:
            await self._write_down(report, import_id)
        return report

    async def _batches(self, drafting: Drafting) -> AsyncIterator[list[Draft]]:
        """Read and convert the next batch in a thread while the database works on this one."""
        lines = islice(self.table.lines, self.order.lines)

        def take() -> list[Draft]:
            return [drafting.draft(line) for line in islice(lines, self.order.batch)]

        coming = asyncio.create_task(asyncio.to_thread(take))
        try:
            while drafts := await coming:
                coming = asyncio.create_task(asyncio.to_thread(take))
                yield drafts
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _commit(
        self, writer: BatchWriter, drafts: Sequence[Draft], tally: Tally, import_id: str
    ) -> list[Placed]:
        placed, events, partitions = await self._write(writer, drafts, import_id)
        tally.lines += len(placed)
        tally.events += events
        tally.partitions |= partitions
        for line in placed:
            tally.counts[line.fate] += 1
            if line.fate is Fate.REJECTED:
                self._reject(line.draft.line.number, line.problems, line.draft.line.cells, tally)
        self.progress(Progress(self.table.done(), self.table.size, tally.lines, self.rejects.count))
        return placed

    async def _write(
        self, writer: BatchWriter, drafts: Sequence[Draft], import_id: str
    ) -> tuple[list[Placed], int, frozenset[int]]:
        """One batch in one transaction, done again when others were in its way; with it, how many
        events there are and for which partitions."""
        made_before = dict(writer.references.also_created)

        async def once() -> tuple[list[Placed], int, frozenset[int]]:
            now, fire = self.now(), self.order.fire
            writer.references.also_created = dict(made_before)
            async with self.session.begin():
                placed = await writer.write(self.session, drafts, now)
                if fire is None:
                    return placed, 0, frozenset()
                made = events_of(placed, self.kind, import_id, now)
                happened = await with_changes(self.session, made)
                await record_events(self.session, happened, fire, now)
                contacts = {event.contact_id for event in happened}
                return placed, len(happened), partitions_of(contacts, fire)

        return await again_and_again(once, ATTEMPTS)

    async def _settle(self, writer: BatchWriter, tally: Tally) -> None:
        """Names that stood further down in the file, page by page."""
        line = 0
        while True:
            async with self.session.begin():
                asides = await rows.put_aside_after(self.session, line, self.order.batch)
                unknown = await settle_asides(self.session, writer, asides, self.now())
            for aside, problem in unknown:
                tally.incomplete += 1
                self._reject(aside.line, [problem], aside.cells, tally)
            if not asides:
                return
            line = asides[-1].line

    async def _ask_exit_rules(self, before: Marks, tally: Tally) -> None:
        """Let those go whose exit rule holds by what was imported; events have told of it else."""
        partitions = self.order.ask
        if partitions is None or self.order.fire is not None or self.order.dry_run:
            return
        async with self.session.begin():
            versions = await versions_that_leave_by(self.session, Plans(), (self.kind.noun,))
        after: int | None = 0
        # whoever works for an account that was imported stands behind no change of their own
        since = None if self.kind.noun == "account" else before
        while after is not None:
            async with self.session.begin():
                after, told = await ask_page(
                    self.session,
                    versions,
                    by="import",
                    partitions=partitions,
                    now=self.now(),
                    since=since,
                    after=after,
                )
            tally.partitions |= told

    def _reject(
        self, line: int, problems: Sequence[Problem], cells: list[str], tally: Tally
    ) -> None:
        self.rejects.add(line, problems, cells)
        for problem in problems:
            tally.problem(line, problem)

    def _report(
        self, writer: BatchWriter, tally: Tally, seconds: float, preview: list[PreviewLine]
    ) -> ImportReport:
        return ImportReport(
            kind=self.kind.name,
            format=self.table.format,
            lines=tally.lines,
            counts=dict(tally.counts),
            incomplete=tally.incomplete,
            also_created=dict(writer.references.also_created),
            events=tally.events,
            partitions=frozenset(tally.partitions),
            rejects=self.rejects.path,
            first_problems=tuple(tally.first_problems),
            seconds=seconds,
            dry_run=self.order.dry_run,
            preview=tuple(preview),
        )

    def _shown(self, line: Placed) -> PreviewLine:
        draft = line.draft
        names = {self.kind.column(name): name for name in self.kind.fields}
        fields = {names.get(column, column): str(value) for column, value in draft.values.items()}
        return PreviewLine(draft.line.number, line.fate, fields | draft.names, line.problems)

    async def _write_down(self, report: ImportReport, import_id: str) -> None:
        after = {
            "file": self.order.name or self.order.path.name,
            "lines": report.lines,
            **{fate.value: report.count(fate) for fate in Fate},
            "events": report.events,
        }

        async def once() -> None:
            async with self.session.begin():
                noun = self.kind.noun
                await audit(self.session, self.actor, "import", noun, import_id, None, after)
                # imported records tell no event, so members are counted anew
                await ask_for_recount(self.session, self.now())
                await begin_rounds(self.session)

        await again_and_again(once, ATTEMPTS)
