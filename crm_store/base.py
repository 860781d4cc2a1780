"""What every table shares: names of constraints, the kinds of columns we use, the identity key.

Times are `timestamptz` and always aware; money is integer minor units beside an ISO 4217 code;
text a person may search is stored as typed, with a folded shadow column where it must match.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Document = Annotated[dict[str, Any], mapped_column(JSONB(none_as_null=True))]
# Code-point order, so that comparing text in SQL agrees with comparing it in Python.
Words = Annotated[str, mapped_column(Text(collation="C"))]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text(collation="C"),
        int: BigInteger,
        dict[str, Any]: JSONB(none_as_null=True),
    }


def folded(text: str) -> str:
    """The form in which two spellings are the same address or name: NFKC, then case folded.

    Full-width letters, ligatures and capitals meet here; a database's own `lower()` depends on its
    locale, so the folding is done in Python and stored.
    """
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().casefold()
