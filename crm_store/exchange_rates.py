"""Rates, and the amounts that are kept in the base currency because of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import BaseCurrency, BaseState
from crm_store.rowset import rowset

Amounts = Literal["order", "deal"]
Countable = Literal["order", "deal", "contact"]
_DAY_OF: Final[Mapping[Amounts, str]] = {
    "order": "placed_at",
    "deal": "coalesce(closed_at, opened_at)",
}
_AMOUNT_OF: Final[Mapping[Amounts, str]] = {"order": "total", "deal": "amount"}


@dataclass(frozen=True, slots=True)
class Base:
    currency: str
    state: BaseState


@dataclass(frozen=True, slots=True)
class Newest:
    """The latest rate of a currency, and how many days have one."""

    currency: str
    day: date
    rate: Decimal
    days: int


async def base_currency(session: AsyncSession) -> Base:
    row = (await session.execute(select(BaseCurrency.currency, BaseCurrency.state))).one()
    return Base(row[0], BaseState(row[1]))


async def set_base_currency(session: AsyncSession, currency: str, state: BaseState) -> None:
    await session.execute(
        text("UPDATE base_currency SET currency = :currency, state = :state"),
        {"currency": currency, "state": state.value},
    )


async def put_rates(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write rates; one that is there is replaced. Returns how many are new or different."""
    found = await session.execute(
        text(
            """
            INSERT INTO exchange_rate AS old (base_currency, currency, day, rate, minor_rate)
            SELECT base_currency, currency, day, rate, minor_rate
            FROM json_populate_recordset(NULL::exchange_rate, CAST(:rows AS json))
            ON CONFLICT (base_currency, currency, day) DO UPDATE
                SET rate = excluded.rate, minor_rate = excluded.minor_rate
                WHERE old.rate <> excluded.rate OR old.minor_rate <> excluded.minor_rate
            RETURNING currency
            """
        ),
        {"rows": rowset(rows)},
    )
    return len(found.all())


async def newest_rates(session: AsyncSession, base: str) -> list[Newest]:
    found = await session.execute(
        text(
            "SELECT DISTINCT ON (currency) currency, day, rate, count(*) OVER (PARTITION BY"
            " currency) FROM exchange_rate WHERE base_currency = :base"
            " ORDER BY currency, day DESC"
        ),
        {"base": base},
    )
    return [Newest(*row) for row in found]


async def last_id(session: AsyncSession, table: Countable) -> int:
    """The largest id there is; 0 in an empty table."""
    found = await session.scalar(text(f'SELECT max(id) FROM "{table}"'))  # noqa: S608 - a name of ours
    return found or 0


async def rewrite_amounts(
    session: AsyncSession,
    table: Amounts,
    first: int,
    last: int,
    *,
    currencies: Collection[str] | None = None,
    since: date | None = None,
) -> int:
    """Convert the amounts of these ids as the rates say today; returns how many became others.

    `currencies` and `since` narrow it to what new rates can concern.
    """
    amount = _AMOUNT_OF[table]
    day = f"({_DAY_OF[table]} AT TIME ZONE 'UTC')::date"
    converted = f"base_minor({amount}_minor, currency, {day})"
    narrowed = "" if currencies is None else f" AND currency = ANY(:currencies) AND {day} >= :since"
    found = await session.execute(
        text(
            f'UPDATE "{table}" SET {amount}_base_minor = {converted} '  # noqa: S608 - names of ours
            f"WHERE id BETWEEN :first AND :last{narrowed} "
            f"AND {amount}_base_minor IS DISTINCT FROM {converted} RETURNING id"
        ),
        {"first": first, "last": last}
        | ({} if currencies is None else {"currencies": sorted(currencies), "since": since}),
    )
    return len(found.all())


async def summarise(session: AsyncSession, first: int, last: int) -> None:
    """Add up anew what the contacts of these ids have."""
    for what in ("orders", "deals"):
        await session.execute(
            text(
                f"SELECT summarise_{what}(array(SELECT contact_id FROM contact_summary "  # noqa: S608
                "WHERE contact_id BETWEEN :first AND :last))"
            ),
            {"first": first, "last": last},
        )
