"""Putting a file from somebody's computer among the stored ones."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Final

from nicegui.events import UploadEventArguments

from designer.components.file_pick import FilePick
from designer.problem_words import problem_words, refusal_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, notice, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.files import MOST_BYTES, Added, NewFile, add_file
from engine.services.files.kinds import KINDS, type_of_name

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9_-]+")
LONGEST_NAME: Final = 60


class FileUpload:
    """A field for one file at a time; `taken` is told what became of each that was kept. `name` is
    the stored file that gets a new version, None to name it after the file."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        taken: Callable[[Added], Awaitable[None]],
        name: str | None = None,
    ) -> None:
        self._designer = designer
        self._visitor = visitor
        self._taken = taken
        self._name = name
        t = visitor.t
        with block("te-upload") as self._place:
            self._upload = FilePick(
                label=t("Choose a file, or drop it here"),
                max_file_size=MOST_BYTES,
                on_upload=self._arrived,
                on_rejected=self._rejected,
            )
            kinds = ",".join(f".{one}" for kind in KINDS.values() for one in kind.extensions)
            self._upload.props["accept"] = kinds
            self._upload.mark("upload")
            words(t("PDF, pictures, text, Word and Excel, up to 10 MB."), "cz-soft cz-small")
            self._told = block("cz-stack cz-tight").mark("upload-told")
            self._told.props["aria-live"] = "polite"

    async def _arrived(self, event: UploadEventArguments) -> None:
        given = event.file.name
        content_type = type_of_name(given) or event.file.content_type
        name = self._name or stored_name(given)
        try:
            content = await event.file.read()
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                new = NewFile(name, content_type, content, given)
                added = await add_file(session, actor, new, self._designer.now())
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            self._refuse(error)
            return
        self._told.clear()
        t, file = self._visitor.t, added.file
        said = (
            t("Kept as “{name}”, version {version}.", name=file.name, version=file.version)
            if added.fresh
            else t("“{name}” is this file already; nothing was changed.", name=file.name)
        )
        with self._told:
            notice(said, "accent", "check_circle")
        await self._taken(added)

    def _rejected(self) -> None:
        self._told.clear()
        with self._told:
            said = self._visitor.t("This file is too large (10 MB at most) or of another kind.")
            notice(said, "bad", "error_outline")

    def _refuse(self, error: CadenzaError) -> None:
        self._told.clear()
        with self._told:
            notice(refusal_words(error, self._visitor.t), "bad", "error_outline")
            for problem in error.problems if isinstance(error, Refused) else ():
                said = problem_words("letter", problem.code, problem.message, self._visitor.t)
                words(said, "cz-small", tag="div")


def stored_name(file_name: str) -> str:
    """What templates call it: the file's name in small letters, without its ending."""
    stem = _NOT_IN_NAMES.sub("_", PurePath(file_name.replace("\\", "/")).stem.lower()).strip("_-")
    if not stem or not stem[0].isalpha():
        stem = f"file_{stem}".rstrip("_")
    return stem[:LONGEST_NAME].rstrip("_-")
