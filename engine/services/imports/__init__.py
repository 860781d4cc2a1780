"""Files of records into the store: read, checked line by line, matched, written once."""

from typing import Final

from engine.services.imports.mapping import Mapping
from engine.services.imports.mapping_file import load_mapping, parse_mapping
from engine.services.imports.matching import Fate
from engine.services.imports.report import ImportReport, PreviewLine, Progress
from engine.services.imports.running import ImportOrder, import_file, preview_file

# What the designer takes over HTTP; the command line reads files of any size.
MOST_IMPORT_BYTES: Final = 200 * 1024 * 1024

__all__ = [
    "MOST_IMPORT_BYTES",
    "Fate",
    "ImportOrder",
    "ImportReport",
    "Mapping",
    "PreviewLine",
    "Progress",
    "import_file",
    "load_mapping",
    "parse_mapping",
    "preview_file",
]
