"""Lines to drafts, by a mapping checked against the header once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.errors import Problem, Refused
from engine.local_time import is_zone
from engine.services.custom_fields import DefinedField
from engine.services.field_values import ValueRefused, nearest
from engine.services.imports.conversion import Convert, amount_reader, converter, translated
from engine.services.imports.draft import Draft
from engine.services.imports.kinds.base import Reads, RecordField, RecordKind
from engine.services.imports.mapping import FieldSource
from engine.services.imports.mapping import Mapping as MappingFile
from engine.services.imports.readers.table import Line
from engine.services.imports.sources import Extract, compile_source

CUSTOM = "custom."


@dataclass(frozen=True, slots=True)
class _Plain:
    name: str
    column: str
    extract: Extract
    convert: Convert


class Drafting:
    """Built once per import; refuses a mapping with unknown columns or fields, all at once."""

    def __init__(
        self,
        mapping: MappingFile,
        kind: RecordKind,
        header: Sequence[str],
        custom: Sequence[DefinedField],
        stages: Mapping[str, int],
    ) -> None:
        self._kind = kind
        self._width = len(header)
        self._header = {name: place for place, name in enumerate(header) if name}
        self._problems: list[Problem] = []
        self._plain: list[_Plain] = []
        self._custom: list[_Plain] = []
        self._names: list[tuple[str, Extract, Convert]] = []
        self._money: list[tuple[str, str, Extract, Callable[[str], Convert]]] = []
        self._tags: list[tuple[Extract, str]] = []
        self._number = _RunningNumber(self._places(mapping.number_within))
        defined = {f"{CUSTOM}{field.key}": field for field in custom}
        for name, source in mapping.fields.items():
            self._take(name, source, defined, stages)
        self._check(mapping)
        if self._problems:
            raise Refused("The mapping does not fit the file:", self._problems)

    def draft(self, line: Line) -> Draft:
        draft = Draft(line)
        cells = line.cells
        if len(cells) != self._width and not self._evened(cells):
            draft.refuse(
                "", "ragged", f"the line has {len(cells)} cells, the header names {self._width}."
            )
            return draft
        number = self._number.of(cells)
        for field in self._plain:
            self._read(draft, field.name, field.column, field.extract(cells, number), field.convert)
        if self._custom:
            self._read_custom(draft, cells, number)
        for name, extract, convert in self._names:
            self._read_name(draft, name, extract(cells, number), convert)
        for name, column, extract, convert_in in self._money:
            currency = draft.values.get("currency")
            text = extract(cells, number)
            if text and currency:
                self._read(draft, name, column, text, convert_in(currency))
            elif text and not any(problem.place == "currency" for problem in draft.problems):
                draft.refuse(name, "no_currency", "there is an amount, but no currency.")
        for extract, separator in self._tags:
            tags = (tag.strip() for tag in extract(cells, number).split(separator))
            draft.tags += tuple(tag for tag in tags if tag)
        return draft

    def _evened(self, cells: list[str]) -> bool:
        """Empty cells past the last column are what spreadsheets leave behind."""
        while len(cells) > self._width and not cells[-1].strip():
            cells.pop()
        return len(cells) == self._width

    @staticmethod
    def _read(draft: Draft, name: str, column: str, text: str, convert: Convert) -> None:
        if not text:
            return
        try:
            value = convert(text)
        except ValueRefused as refusal:
            draft.refuse(name, refusal.code, refusal.message)
        else:
            if value is not None:
                draft.values[column] = value

    def _read_custom(self, draft: Draft, cells: Sequence[str], number: int) -> None:
        found: dict[str, Any] = {}
        for field in self._custom:
            text = field.extract(cells, number)
            if not text:
                continue
            try:
                found[field.column] = field.convert(text)
            except ValueRefused as refusal:
                draft.refuse(field.name, refusal.code, refusal.message)
        if found:
            draft.values["custom"] = found

    @staticmethod
    def _read_name(draft: Draft, name: str, text: str, convert: Convert) -> None:
        if not text:
            return
        try:
            found = convert(text)
        except ValueRefused as refusal:
            draft.refuse(name, refusal.code, refusal.message)
        else:
            if found:
                draft.names[name] = found

    def _take(
        self,
        name: str,
        source: FieldSource,
        defined: Mapping[str, DefinedField],
        stages: Mapping[str, int],
    ) -> None:
        place = f"fields.{name}"
        extract, problems = compile_source(source, self._header, place)
        if name.startswith(CUSTOM):
            self._take_custom(name, source, extract, defined)
        elif name not in self._kind.fields:
            known = [*self._kind.fields, *defined]
            message = f'{self._kind.name} have no field "{name}".{nearest(name, known)}'
            problems.append(Problem(place, "unknown_field", message))
        elif extract is not None:
            problems += self._take_field(name, self._kind.fields[name], source, extract, stages)
        if not is_zone(source.zone):
            message = f'"{source.zone}" is not a time zone; write a name such as "Asia/Singapore".'
            problems.append(Problem(f"{place}.zone", "unknown_zone", message))
        self._problems += problems

    def _take_field(
        self,
        name: str,
        field: RecordField,
        source: FieldSource,
        extract: Extract,
        stages: Mapping[str, int],
    ) -> list[Problem]:
        column = self._kind.column(name)
        match field.reads:
            case Reads.TAGS:
                self._tags.append((extract, source.separator))
            case Reads.MONEY:
                readers = lru_cache(maxsize=64)(lambda currency: amount_reader(source, currency))
                self._money.append((name, column, extract, readers))
            case Reads.STAGE:
                convert = translated(lambda text: _stage(text, stages), source)
                self._plain.append(_Plain(name, column, extract, convert))
            case Reads.REFERENCE:
                assert field.target is not None
                if source.by is not None and source.by not in field.target.by:
                    ways = ", ".join(field.target.by)
                    message = f'"{source.by}" does not find a {field.target.noun}; use {ways}.'
                    return [Problem(f"fields.{name}.by", "unknown_key", message)]
                if source.missing == "create" and field.target.new is None:
                    message = f"an import cannot make a {field.target.noun} from its name alone."
                    return [Problem(f"fields.{name}.missing", "cannot_create", message)]
                self._names.append((name, extract, converter(field, source)))
            case _:
                self._plain.append(_Plain(name, column, extract, converter(field, source)))
        return []

    def _take_custom(
        self,
        name: str,
        source: FieldSource,
        extract: Extract | None,
        defined: Mapping[str, DefinedField],
    ) -> None:
        field = defined.get(name)
        if field is None:
            message = (
                f"nobody defined this field.{nearest(name, defined)} Define it in the mapping's "
                '"custom_fields" or leave it out.'
            )
            self._problems.append(Problem(f"fields.{name}", "unknown_field", message))
        elif extract is not None:
            convert = translated(field.read, source)
            self._custom.append(_Plain(name, field.key, extract, convert))

    def _places(self, columns: Sequence[str]) -> list[int]:
        places = []
        for column in columns:
            extract, problems = compile_source(
                FieldSource(column=column), self._header, "number_within"
            )
            self._problems += problems
            if extract is not None:
                places.append(self._header[" ".join(column.split())])
        return places

    def _check(self, mapping: MappingFile) -> None:
        if self._money and "currency" not in mapping.fields:
            message = 'amounts need a currency: map "currency", or give it a "value" such as USD.'
            self._problems.append(Problem("fields", "no_currency", message))
        for key in mapping.match_by:
            if key not in self._kind.keys:
                ways = ", ".join(self._kind.keys)
                message = f'{self._kind.name} are not found by "{key}"; use {ways}.'
                self._problems.append(Problem("match_by", "unknown_key", message))
        keys = mapping.match_by or self._kind.match_by
        if not any(key in mapping.fields for key in keys):
            message = (
                f"map {' or '.join(keys)}: without it importing twice would make everything twice."
            )
            self._problems.append(Problem("fields", "no_key", message))


class _RunningNumber:
    """The how-manieth line of the same cells this is. Remembers each combination it met."""

    def __init__(self, places: Sequence[int]) -> None:
        self._places = places
        self._met: dict[int, int] = {}

    def of(self, cells: Sequence[str]) -> int:
        if not self._places:
            return 1
        key = hash(tuple(cells[place].strip() for place in self._places))
        number = self._met.get(key, 0) + 1
        self._met[key] = number
        return number


def _stage(text: str, stages: Mapping[str, int]) -> int:
    found = stages.get(text.strip().casefold())
    if found is None:
        raise ValueRefused(
            "unknown_stage", f'"{text[:60]}" is not a stage of the pipeline.{nearest(text, stages)}'
        )
    return found
