"""What those raise who ask a database that is away, for callers that know nothing of SQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import SQLAlchemyError

DATABASE_FAULTS: Final[tuple[type[Exception], ...]] = (SQLAlchemyError, OSError)
