"""The currency in which amounts are compared, and what others were worth in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.base import Base


class BaseState(StrEnum):
    """How far the amounts are after the base currency became another one: records are being
    rewritten, their sums are being added up anew, everything agrees.
    """

    REWRITING = "rewriting"
    SUMMING = "summing"
    SETTLED = "settled"


class BaseCurrency(Base):
    """One row: the currency that `*_base_minor` columns are in."""

    __tablename__ = "base_currency"
    __table_args__ = (CheckConstraint("is_only", name="one_row"),)

    is_only: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=BaseState.SETTLED)


class ExchangeRate(Base):
    """What one of a currency was worth in the base currency on a day.

    `minor_rate` is the same between the smallest units, which differ where one of the two has other
    decimals: one yen is the smallest unit of its currency, one dollar is a hundred.
    """

    __tablename__ = "exchange_rate"

    base_currency: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric)
    minor_rate: Mapped[Decimal] = mapped_column(Numeric)
