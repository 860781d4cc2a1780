"""Where in a database the facts of a rule are: columns, documents, tables of lists and sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from engine.rules.ir import Path


class NotInSql(ValueError):
    """The rule reads something that no column holds, such as the event that set it off."""


@dataclass(frozen=True, slots=True)
class SetSource:
    """A set of texts kept as rows: `owner` says whose, `value` holds the text."""

    table: FromClause
    owner: ColumnElement[int]
    value: ColumnElement[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """The columns of one record, by path; `never_null` are the paths whose column always holds
    something.

    Paths below one of `documents` are read from that `jsonb` column.
    """

    columns: Mapping[Path, ColumnElement[Any]]
    documents: Mapping[Path, ColumnElement[Any]] = field(default_factory=dict)
    sets: Mapping[Path, SetSource] = field(default_factory=dict)
    never_null: frozenset[Path] = frozenset()

    def in_document(self, path: Path) -> tuple[ColumnElement[Any], Path] | None:
        """The document that a path leads into and the path inside it, unless it is a column."""
        if path in self.columns:
            return None
        for depth in range(len(path), 0, -1):
            if (document := self.documents.get(path[:depth])) is not None:
                return document, path[depth:]
        return None


@dataclass(frozen=True, slots=True)
class ListSource:
    """The records of a list: `owner` is the column that says to whom each belongs.

    By the value of an `indexed` path an index finds a few of all records, so questions about
    different values are better asked apart than in one pass.
    """

    table: FromClause
    owner: ColumnElement[int]
    scope: Scope
    indexed: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Binding:
    """`key` identifies the record a rule is about; `root` are its columns and those of records
    joined to it.
    """

    key: ColumnElement[int]
    root: Scope
    lists: Mapping[str, ListSource]
