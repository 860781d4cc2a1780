"""The way of a file into the store: choose it, say what its columns are, look, import."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.events import UploadEventArguments

from designer.components.file_pick import FilePick
from designer.importing.columns import ColumnsStep
from designer.importing.draft import SUFFIXES, ImportDraft
from designer.importing.preview import PreviewStep
from designer.importing.result import ResultStep
from designer.importing.running import DESK, RunningImport
from designer.importing.words import KIND_NAMES
from designer.problem_words import placed_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, notice, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.actor import allowed
from engine.services.custom_fields import RECORDS, list_custom_fields
from engine.services.imports import MOST_IMPORT_BYTES, preview_file
from engine.services.imports.guessing import guess, look_at
from engine.services.imports.kinds import KINDS
from engine.services.views.imports import importable


class Wizard:
    """Built where it is called. `shown` is an import that runs or ran, to be looked at."""

    def __init__(
        self, designer: Designer, visitor: Visitor, kind: str, shown: RunningImport | None
    ) -> None:
        self.designer, self.visitor = designer, visitor
        kinds = importable(visitor.somebody)
        self.draft = shown.draft if shown else ImportDraft(kind if kind in kinds else kinds[0])
        self._kinds = kinds
        self._started = shown
        self.custom: dict[str, Any] = {}
        self._place = block("cz-stack").mark("wizard")
        self._problems = block("cz-stack cz-tight cz-hidden")
        self._problems.props["aria-live"] = "assertive"
        if shown is None:
            ui.context.client.on_delete(self._left)

    async def build(self) -> None:
        if self._started is not None:
            self.show_result(self._started)
        else:
            self.choose()

    def choose(self) -> None:
        """The first step: which kind of lines, and the file."""
        t = self.visitor.t
        self._step(1)
        with self._place, block("cz-card is-padded cz-stack"):
            which = ui.select(
                {name: t(KIND_NAMES[name]) for name in self._kinds},
                value=self.draft.kind,
                label=t("What a line of the file is"),
            )
            which.props("outlined dense options-dense").classes("cz-field cz-search")
            which.mark("import-kind")
            which.on_value_change(lambda: setattr(self.draft, "kind", which.value))
            upload = FilePick(
                label=t("Choose a CSV or Excel file, or drop it here"),
                max_file_size=MOST_IMPORT_BYTES,
                on_upload=self._arrived,
                on_rejected=self._rejected,
            )
            upload.props["accept"] = ",".join(SUFFIXES)
            upload.mark("import-file")
            words(
                t(
                    "Up to 200 MB. The first line names the columns. Nothing is written before you "
                    "have seen what would become of the lines."
                ),
                "cz-soft cz-small",
                tag="p",
            )

    async def look(self) -> None:
        """Read the head of the file again, as the draft says it is written, and guess columns."""

        async def deed() -> None:
            path, layout = self.draft.path, self.draft.layout()
            assert path is not None
            self.draft.seen = await asyncio.to_thread(look_at, path, layout)
            await self._load_custom()
            self.draft.columns = guess(self.draft.kind, self.draft.seen, list(self.custom))

        if await self._attempt(deed):
            self.name_columns()

    async def look_again(self) -> None:
        """Back to the columns as they were chosen."""
        await self._load_custom()
        if self.draft.seen is None:
            await self.look()
        else:
            self.name_columns()

    def name_columns(self) -> None:
        self._step(2)
        with self._place:
            ColumnsStep(self).build()

    async def preview(self) -> None:
        """The first lines as they would go in; nothing is written."""

        async def deed() -> None:
            actor = await self.designer.actor(self.visitor.token)
            partitions = int(self.designer.runtime.settings.drivers.dispatch_partitions)
            order = self.draft.order(partitions=partitions, dry_run=True)
            runtime = self.designer.runtime
            report = await preview_file(runtime.store, actor, order, runtime.now)
            self._step(3)
            with self._place:
                PreviewStep(self, report).build()

        await self._attempt(deed)

    async def start(self, *, dry_run: bool) -> None:
        async def deed() -> None:
            actor = await self.designer.actor(self.visitor.token)
            allowed(actor, "import", KINDS[self.draft.kind].permission)
            started = DESK.start(self.designer, actor, self.draft, dry_run=dry_run)
            self._started = started
            ui.navigate.history.replace(f"/imports?run={started.number}")
            self.show_result(started)

        await self._attempt(deed)

    def show_result(self, started: RunningImport) -> None:
        self._step(3 if started.dry_run else 4)
        with self._place:
            ResultStep(self, started).build()

    def _step(self, number: int) -> None:
        t = self.visitor.t
        self._place.clear()
        self._say_no(None)
        names = [t("File"), t("Columns"), t("Look"), t("Import")]
        with self._place, block("cz-wizard", tag="ol"):
            for place, name in enumerate(names, 1):
                state = "is-here" if place == number else "is-done" if place < number else ""
                with block(f"cz-wizard__step {state}", tag="li") as step:
                    if place == number:
                        step.props["aria-current"] = "step"
                    words(name)

    async def _arrived(self, event: UploadEventArguments) -> None:
        async def deed() -> None:
            actor = await self.designer.actor(self.visitor.token)
            allowed(actor, "import", KINDS[self.draft.kind].permission)
            if event.file.size() > MOST_IMPORT_BYTES:
                raise Refused("The file is larger than 200 MB. Split it into several files.")
            path = self.draft.place_for(event.file.name)
            await event.file.save(path)
            self.draft.path, self.draft.name = path, event.file.name[:200]
            self.draft.encoding = self.draft.delimiter = None

        if await self._attempt(deed):
            await self.look()

    def _rejected(self) -> None:
        t = self.visitor.t
        self._say_no(Refused(t("Choose one CSV or Excel file of at most 200 MB.")))

    async def _load_custom(self) -> None:
        noun = KINDS[self.draft.kind].noun
        self.custom = {}
        for record in RECORDS:
            if record == noun:
                async with self.designer.transaction() as session:
                    found = await list_custom_fields(session, record)
                self.custom = {one.key: one for one in found}

    async def _attempt(self, deed: Callable[[], Awaitable[None]]) -> bool:
        self._say_no(None)
        try:
            await deed()
        except NotSignedIn:
            ask_to_sign_in()
            return False
        except CadenzaError as error:
            self._say_no(error)
            return False
        return True

    def _say_no(self, error: CadenzaError | None) -> None:
        self._problems.clear()
        if error is None:
            self._problems.classes(add="cz-hidden")
            return
        self._problems.classes(remove="cz-hidden")
        with self._problems:
            # the file stands under a name of ours, which says nothing to anybody
            ours = self.draft.path.name if self.draft.path else ""
            notice(_named(error.message, ours, self.draft.name), "bad", "error_outline")
            for one in error.problems if isinstance(error, Refused) else ():
                words(placed_words("import", one, self.visitor.t), "cz-bad cz-small", tag="p")

    def _left(self) -> None:
        if self._started is None:
            self.draft.clear()


def _named(message: str, ours: str, theirs: str) -> str:
    return message.replace(ours, theirs) if ours and theirs else message
