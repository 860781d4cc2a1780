"""What a transaction has read, for those who come after it in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import SessionTransaction

T = TypeVar("T")


@dataclass(slots=True)
class ReadOnce(Generic[T]):
    """One value by transaction; several transactions of a process may be at work at once.

    Meant where a moment ago is as good as now: others may have committed since. Whoever has just
    waited for a lock reads anew.
    """

    _values: WeakKeyDictionary[SessionTransaction, T] = field(default_factory=WeakKeyDictionary)

    def in_transaction(self, session: AsyncSession) -> T | None:
        transaction = session.sync_session.get_transaction()
        return None if transaction is None else self._values.get(transaction)

    def keep(self, session: AsyncSession, value: T) -> T:
        """Remember until the transaction ends; the value is returned."""
        transaction = session.sync_session.get_transaction()
        if transaction is not None:
            self._values[transaction] = value
        return value
