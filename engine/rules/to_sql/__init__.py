"""Rules as SQLAlchemy expressions for PostgreSQL 16 and later; builds expressions, never touches a
connection.
"""

from engine.rules.to_sql.binding import Binding, ListSource, NotInSql, Scope, SetSource
from engine.rules.to_sql.predicates import condition

__all__ = ["Binding", "ListSource", "NotInSql", "Scope", "SetSource", "condition"]
