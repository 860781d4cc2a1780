"""The files that letters carry, fetched for a whole group of letters at once."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import files as rows
from crm_store.files import FileRow
from engine.channels.base import Attachment
from engine.services.files.kinds import INLINE_TYPES

# Of one mail, as it travels: large providers refuse above 20 to 25 MB, SendGrid above 30.
MOST_LETTER_BYTES: Final = 20 * 1_048_576
# Content kept in memory by a process; a group's own files are held besides while it goes out.
MOST_REMEMBERED_BYTES: Final = 64 * 1_048_576


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one letter carries: `enclosed` beside it, `pictures` in it by content id."""

    enclosed: Sequence[str] = ()
    pictures: Collection[str] = ()

    def names(self) -> set[str]:
        return {*self.enclosed, *self.pictures}


@dataclass(frozen=True, slots=True)
class CannotEnclose:
    """`code` is stable; `message` names files and nobody."""

    code: str
    message: str


class RememberedContent:
    """Contents by digest: what was read once is not read again while there is room."""

    def __init__(self, most_bytes: int = MOST_REMEMBERED_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        return self._size

    def get(self, digest: str) -> bytes | None:
        content = self._kept.get(digest)
        if content is not None:
            self._kept.move_to_end(digest)
        return content

    def put(self, digest: str, content: bytes) -> None:
        if digest in self._kept or len(content) > self._most:
            return
        self._kept[digest] = content
        self._size += len(content)
        while self._size > self._most:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)


# The digest names the content, so that one memory serves all databases of a process.
_REMEMBERED: Final = RememberedContent()


@dataclass(frozen=True, slots=True)
class Files:
    """The newest versions of the files that a group of letters names, with their contents."""

    rows: Mapping[str, FileRow]
    contents: Mapping[str, bytes]

    def attachments(self, wanted: Wanted) -> tuple[Attachment, ...] | CannotEnclose:
        """What a letter carries, pictures last; or why it cannot go out like this."""
        if found := refusal(wanted, self.rows):
            return found
        return tuple(
            Attachment(row.file_name, row.content_type, self.contents[row.sha256], content_id)
            for row, content_id in _in_order(wanted, self.rows)
        )


async def files_for(
    session: AsyncSession,
    letters: Iterable[Wanted],
    remembered: RememberedContent = _REMEMBERED,
) -> Files:
    """One question for the versions, and one more for contents that are not in memory."""
    names = {name for wanted in letters for name in wanted.names()}
    if not names:
        return Files({}, {})
    found = await rows.newest_files(session, names)
    known = {
        row.sha256: content
        for row in found.values()
        if (content := remembered.get(row.sha256)) is not None
    }
    unread = {row.id: row.sha256 for row in found.values() if row.sha256 not in known}
    for identity, content in (await rows.contents(session, unread)).items():
        known[unread[identity]] = content
        remembered.put(unread[identity], content)
    return Files(found, known)


def size_in_mail(size_bytes: int) -> int:
    """How many bytes a file takes in a mail: base64 in lines of 76 characters (RFC 2045)."""
    return math.ceil(size_bytes / 57) * 78


def refusal(wanted: Wanted, known: Mapping[str, FileRow]) -> CannotEnclose | None:
    """Why a letter cannot carry what it wants."""
    missing = sorted(name for name in wanted.names() if name not in known)
    if missing:
        said = ", ".join(f'"{name}"' for name in missing)
        return CannotEnclose(
            "unknown_file", f"There is no file {said}. Add it: `cadenza file add`."
        )
    wrong = sorted(one for one in wanted.pictures if known[one].content_type not in INLINE_TYPES)
    if wrong:
        said = ", ".join(f'"{name}"' for name in wrong)
        return CannotEnclose("not_a_picture", f"The letter shows {said}, which is no picture.")
    size = sum(size_in_mail(row.size_bytes) for row, _ in _in_order(wanted, known))
    if size > MOST_LETTER_BYTES:
        return CannotEnclose(
            "files_too_large",
            f"The files of the letter make {size:,} bytes of mail; {MOST_LETTER_BYTES:,} are the "
            "most.",
        )
    return None


def _in_order(wanted: Wanted, known: Mapping[str, FileRow]) -> list[tuple[FileRow, str | None]]:
    beside = [(known[name], None) for name in dict.fromkeys(wanted.enclosed)]
    return [*beside, *((known[name], name) for name in sorted(wanted.pictures))]
