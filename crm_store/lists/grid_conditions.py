"""What lists are narrowed by, as conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select

from crm_store.base import folded
from crm_store.lists.grid_columns import TABLES, GridRecord, column_of, ordering
from crm_store.lists.searching import LONGEST_SEARCH, contact_matches, starts_with
from crm_store.models import Account, Contact, ContactTag, Ticket

# Their index is of the key that lists are ordered by; of what is known, that is the value itself.
_INDEXED_AS_ORDERED: Final = frozenset({("contact", "country"), ("contact", "city")})


def is_one_of(record: GridRecord, field: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """The field has one of these values; None among them is "not known"."""
    column = column_of(record, field)
    known = [_key(one, folds=column.folded) for one in values if one is not None]
    value = column.value
    if (record, field) in _INDEXED_AS_ORDERED and all(known):
        value = ordering(record, field)
    ways: list[ColumnElement[bool]] = [value.in_(known)] if known else []
    if len(known) < len(values):
        ways.append(column.value.is_(None))
    return or_(*ways) if len(ways) != 1 else ways[0]


def is_none_of(record: GridRecord, field: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """The exact complement of `is_one_of`."""
    value = column_of(record, field).value
    known = [_key(one, folds=column_of(record, field).folded) for one in values if one is not None]
    lacking = len(known) < len(values)
    parts: list[ColumnElement[bool]] = []
    if known:
        parts.append(value.not_in(known) if lacking else or_(value.not_in(known), value.is_(None)))
    if lacking:
        parts.append(value.is_not(None))
    return and_(*parts)


def is_known(record: GridRecord, field: str, *, known: bool) -> ColumnElement[bool]:
    value = column_of(record, field).value
    return value.is_not(None) if known else value.is_(None)


def is_between(
    record: GridRecord, field: str, least: Any | None, most: Any | None
) -> ColumnElement[bool]:
    """Both ends included; an end that is None is open."""
    value = column_of(record, field).value
    parts: list[ColumnElement[bool]] = []
    if least is not None:
        parts.append(value >= least)
    if most is not None:
        parts.append(value <= most)
    return and_(*parts)


def is_within(
    record: GridRecord, field: str, since: datetime | None, until: datetime | None
) -> ColumnElement[bool]:
    """From `since`, included, to `until`, which is not."""
    value = column_of(record, field).value
    parts: list[ColumnElement[bool]] = []
    if since is not None:
        parts.append(value >= since)
    if until is not None:
        parts.append(value < until)
    return and_(*parts)


def contains(record: GridRecord, field: str, words: str) -> ColumnElement[bool]:
    """Wherever it stands, without regard to capitals."""
    column = column_of(record, field)
    if column.folded:
        return column.value.contains(folded(words), autoescape=True)
    return column.value.icontains(words, autoescape=True)


def has_tag(tags: Sequence[str], *, wanted: bool = True) -> ColumnElement[bool]:
    """Contacts with one of these tags, or with none of them."""
    found = exists(select(1).where(ContactTag.contact_id == Contact.id, ContactTag.tag.in_(tags)))
    return found if wanted else not_(found)


def matches(record: GridRecord, words: str, *, by_address: bool = True) -> ColumnElement[bool]:
    """What the search field of the list finds."""
    if record == "contact":
        return contact_matches(words, by_address=by_address)
    key = folded(words)[:LONGEST_SEARCH]
    if record == "account":
        return or_(
            starts_with(Account.name_key, key),
            Account.name_key.contains(key, autoescape=True),
            starts_with(Account.domain, key),
        )
    subject = Ticket.subject.icontains(words, autoescape=True)
    number = words.strip().removeprefix("#")
    if number.isdecimal() and len(number) <= 18:
        return or_(subject, Ticket.id == int(number))
    return subject


def ids_among(record: GridRecord, ids: Sequence[int]) -> ColumnElement[bool]:
    return TABLES[record].c.id.in_(ids)


def _key(value: Any, *, folds: bool) -> Any:
    return folded(value) if folds and isinstance(value, str) else value
