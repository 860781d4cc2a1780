"""Decision tables: making and changing them, and asking them about contacts."""

from engine.services.decision_tables.asking import (
    Answer,
    ask_table,
    decide_for,
    table_of,
    try_table,
)
from engine.services.decision_tables.editing import (
    TableChangedMeanwhile,
    check_document,
    create_table,
    delete_table,
    edit_table,
    list_tables,
    save_csv,
    save_document,
    show_table,
    table_as_csv,
)

__all__ = [
    "Answer",
    "TableChangedMeanwhile",
    "ask_table",
    "check_document",
    "create_table",
    "decide_for",
    "delete_table",
    "edit_table",
    "list_tables",
    "save_csv",
    "save_document",
    "show_table",
    "table_as_csv",
    "table_of",
    "try_table",
]
