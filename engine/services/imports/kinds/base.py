"""What a kind of record is to an import: its fields, the keys it is found by, what it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from engine.services.actor import Kind as PermissionKind
from engine.services.imports.mapping import CreatedWith, KindName


class Reads(StrEnum):
    """How a field's text is read."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    COUNTRY = "country"
    LANGUAGE = "language"
    TIME_ZONE = "time_zone"
    CURRENCY = "currency"
    CHOICE = "choice"
    TAGS = "tags"
    REFERENCE = "reference"
    STAGE = "stage"


def as_written(text: str) -> str:
    return text.strip()


@dataclass(frozen=True, slots=True)
class Key:
    """A column that a record is found by. `fold` makes spellings that mean the same the same.

    `unique`: the database holds at most one record of each value.
    """

    column: str
    fold: Callable[[str], str] = as_written
    unique: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """Another kind of record that a field names. The first way of `by` is the usual one.

    `new` makes a row of a name nobody has yet, for kinds an import may create on the way.
    """

    table: str
    noun: str
    by: Mapping[str, Key]
    label: str = "name"
    new: Callable[[str, CreatedWith], dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of the mapping file and the column it fills (its own name unless told)."""

    reads: Reads = Reads.TEXT
    column: str | None = None
    choices: tuple[str, ...] = ()
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What completing a record may look at besides itself. `said` are the columns of a known record
    that the file speaks of."""

    now: datetime
    stages: Mapping[int, Any] = field(default_factory=dict)
    said: frozenset[str] = frozenset()


Complete = Callable[[dict[str, Any], Mapping[str, Any] | None, Surroundings], dict[str, Any]]
# Called in the batch's transaction with the new records, and those whose `moves_with` changed.
FollowUp = Callable[[AsyncSession, Sequence[int], datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """`complete(values, before, surroundings)` gives the columns that follow from the others:
    `values` is the whole record as it will be, `before` what was stored (None for a new one).

    `defaults` fill a new record; `needed` names the fields without which none is made.
    `once` are columns that only a new record takes from a file. `told_by` is the column with the
    contact whom the record's events are about.
    """

    name: KindName
    noun: str
    table: str
    permission: PermissionKind
    fields: Mapping[str, RecordField]
    keys: Mapping[str, Key]
    match_by: tuple[str, ...]
    needed: tuple[str, ...]
    complete: Complete
    defaults: Mapping[str, Any] = field(default_factory=dict)
    once: frozenset[str] = frozenset()
    told_by: str | None = None
    dated: bool = True
    follow_up: FollowUp | None = None
    moves_with: frozenset[str] = frozenset()

    def column(self, name: str) -> str:
        return self.fields[name].column or name


EXTERNAL_ID = Key("external_id")
EMAIL_KEY = Key("email_key", folded)


def by_name(*, unique: bool = False) -> Key:
    return Key("name_key", folded, unique)
