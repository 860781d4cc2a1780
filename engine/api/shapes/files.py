"""Files that travel with letters."""

from __future__ import annotations

from datetime import datetime

from engine.api.shapes.common import Page, Shown


class FileLine(Shown):
    """The newest version of a file. `file_name` is what readers see, `sha256` the digest of the
    content in hexadecimal digits."""

    name: str
    version: int
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    created_at: datetime
    created_by: str


class FilePage(Page):
    items: list[FileLine]


class FileShown(FileLine):
    """`versions` begins with the newest. `used_by` are the templates that name the file, each with
    the place; a file that is named cannot be removed."""

    versions: list[FileLine]
    used_by: list[str]
