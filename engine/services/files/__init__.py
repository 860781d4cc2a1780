"""Stored files: kept in versions, named by templates, carried by letters.

They are rows of the database, not files beside it: a backup has them, a template and what it names
change in one transaction, and every process sees the same. Limits keep that cheap.
"""

from crm_store.files import FileRow
from engine.services.files.enclosing import CannotEnclose, Files, Wanted, files_for
from engine.services.files.keeping import (
    MOST_BYTES,
    Added,
    FileDetail,
    NewFile,
    add_file,
    list_files,
    prune_file,
    read_file,
    remove_file,
    show_file,
)
from engine.services.files.kinds import type_of_name
from engine.services.files.pictures import pictures_in, with_pictures_at

__all__ = [
    "MOST_BYTES",
    "Added",
    "CannotEnclose",
    "FileDetail",
    "FileRow",
    "Files",
    "NewFile",
    "Wanted",
    "add_file",
    "files_for",
    "list_files",
    "pictures_in",
    "prune_file",
    "read_file",
    "remove_file",
    "show_file",
    "type_of_name",
    "with_pictures_at",
]
