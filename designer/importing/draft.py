"""An import while it is prepared: a file, how it is written, and which column is which field."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from engine.errors import Problem, Refused
from engine.services.imports import MOST_IMPORT_BYTES, ImportOrder, Mapping
from engine.services.imports.guessing import Seen
from engine.services.imports.kinds import KINDS
from engine.services.imports.kinds.base import Reads, RecordField
from engine.services.imports.mapping import Layout

ENCODINGS: Final = ("utf-8", "windows-1252", "gb18030", "utf-16", "shift_jis", "iso-8859-2")
DELIMITERS: Final = (",", ";", "\t", "|")
# How dates are written besides ISO 8601.
FORMATS: Final = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y年%m月%d日")
SUFFIXES: Final = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")


@dataclass(slots=True)
class ImportDraft:
    """`columns` are fields by column. `date_format` holds for all dates, `decimal` for all amounts.
    `missing` says what becomes of names of other records that nobody has."""

    kind: str
    name: str = ""
    path: Path | None = None
    encoding: str | None = None
    delimiter: str | None = None
    seen: Seen | None = None
    columns: dict[str, str] = field(default_factory=dict)
    date_format: str | None = None
    decimal: str = "."
    currency: str | None = None
    missing: str = "refuse"
    tags: list[str] = field(default_factory=list)
    consent_source: str = ""
    fire: bool = False
    _folder: Path | None = None

    def folder(self) -> Path:
        """Where the file and what comes of it stand, for as long as the import is looked at."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="cadenza-import-"))
        return self._folder

    def place_for(self, name: str) -> Path:
        """A name of our own with the ending that says how the file is read. Raises Refused."""
        suffix = Path(name.replace("\\", "/")).suffix.lower()
        if suffix not in SUFFIXES:
            raise Refused("Choose a CSV or an Excel file (.csv, .tsv, .txt, .xlsx).")
        return self.folder() / f"lines{suffix}"

    @property
    def rejects(self) -> Path:
        return self.folder() / "rejected.csv"

    @property
    def is_text(self) -> bool:
        return self.path is not None and not self.path.suffix.startswith(".xls")

    def clear(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def layout(self) -> Layout:
        if not self.is_text:
            return Layout()
        return Layout(encoding=self.encoding, delimiter=self.delimiter)

    @property
    def fields(self) -> dict[str, RecordField]:
        return dict(KINDS[self.kind].fields)

    def reads(self, *kinds: Reads) -> bool:
        """Whether a field that is read like this is among the chosen ones."""
        fields = self.fields
        return any(fields[name].reads in kinds for name in self.columns.values() if name in fields)

    @property
    def wants_currency(self) -> bool:
        return self.reads(Reads.MONEY) and "currency" not in self.columns.values()

    def mapping(self) -> Mapping:
        """Raises Refused where something is missing."""
        if not self.columns:
            raise Refused("Say of at least one column which field it is.")
        fields = {name: self._source(column, name) for column, name in self.columns.items()}
        if self.wants_currency and self.currency:
            fields["currency"] = {"value": self.currency}
        document: dict[str, Any] = {
            "as": self.kind,
            "file": self.layout().model_dump(exclude_defaults=True),
            "fields": fields,
        }
        if self.kind == "contacts":
            document["tags"] = self.tags
            if self.consent_source.strip():
                document["consents"] = [
                    {
                        "channel": "email",
                        "purpose": "marketing",
                        "lawful_basis": "consent",
                        "source": self.consent_source.strip()[:200],
                    }
                ]
        try:
            return Mapping.model_validate(document)
        except ValidationError as error:
            problems = [
                Problem(".".join(map(str, one["loc"])), one["type"], one["msg"])
                for one in error.errors(include_url=False)
            ]
            raise Refused("The columns do not fit.", problems) from error

    def _source(self, column: str, name: str) -> dict[str, Any]:
        source: dict[str, Any] = {"column": column}
        known = self.fields.get(name)
        if known is None:
            return source
        if known.reads in (Reads.DATE, Reads.INSTANT) and self.date_format:
            source["format"] = self.date_format
        if known.reads is Reads.MONEY:
            source["decimal"] = self.decimal
        if known.reads is Reads.REFERENCE and known.target is not None:
            can_be_made = known.target.new is not None
            source["missing"] = (
                "empty" if self.missing == "create" and not can_be_made else self.missing
            )
        return source

    def order(self, *, partitions: int, dry_run: bool) -> ImportOrder:
        assert self.path is not None
        return ImportOrder(
            path=self.path,
            kind=self.kind,
            mapping=self.mapping(),
            dry_run=dry_run,
            fire=partitions if self.fire else None,
            ask=partitions,
            rejects=self.rejects,
            largest_file=MOST_IMPORT_BYTES,
            name=self.name,
        )
