"""Which partition a contact's events belong to: the same answer in Python and in SQL, for ever.

Multiplicative hashing (Knuth, The Art of Computer Programming 6.4): the upper bits of the id times
an odd constant near 2^32 divided by the golden ratio. Consecutive ids land far apart, so neither
one import nor every second id fills a single partition.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, cast, literal

_FACTOR = 2654435769
# 31 bits, so that the product stays below 2^63 and PostgreSQL's bigint does not overflow.
_ID_BITS = 0x7FFFFFFF
_LOW_BITS = 0xFFFFFFFF
_DROPPED_BITS = 16
# The most partitions or shards that the settings allow; whoever looks for work looks in all.
MOST_SHARDS = 64
# Effects whose other side may be slow have shards of their own, so that they hold up no mail.
APART_FROM = MOST_SHARDS
ALL_SHARDS = 2 * MOST_SHARDS


def partition_of(contact_id: int, partitions: int) -> int:
    """A number from 0 up to, but not including, `partitions`.

    Another count of partitions moves contacts, so change it only while no event is pending.
    """
    spread = ((contact_id & _ID_BITS) * _FACTOR) & _LOW_BITS
    return (spread >> _DROPPED_BITS) % partitions


def partition_expression(contact_id: ColumnElement[int], partitions: int) -> ColumnElement[int]:
    """`partition_of` in SQL."""

    def number(value: int) -> ColumnElement[Any]:
        return literal(value, BigInteger)

    low = cast(contact_id, BigInteger).op("&")(number(_ID_BITS))
    spread = (low * number(_FACTOR)).op("&")(number(_LOW_BITS))
    return spread.op(">>")(literal(_DROPPED_BITS, Integer)) % number(partitions)
