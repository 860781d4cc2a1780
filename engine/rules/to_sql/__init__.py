"""Rules as SQLAlchemy expressions for PostgreSQL 16 and later; builds expressions, never touches a
connection.
"""

from engine.rules.to_sql.binding import Binding, ListSource, NotInSql, Scope, SetSource
from engine.rules.to_sql.condition import Reach, condition

__all__ = ["Binding", "ListSource", "NotInSql", "Reach", "Scope", "SetSource", "condition"]
