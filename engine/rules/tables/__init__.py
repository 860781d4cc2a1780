"""Decision tables: rows of conditions and what follows from them."""

from engine.rules.tables.check import check_table
from engine.rules.tables.compiled import CompiledTable, Decision, Hit, compile_table
from engine.rules.tables.csv_text import from_csv, to_csv
from engine.rules.tables.problems import Code, TableProblem, TableRefused
from engine.rules.tables.table import (
    HitPolicy,
    Output,
    OutputType,
    Row,
    Table,
    from_document,
)

__all__ = [
    "Code",
    "CompiledTable",
    "Decision",
    "Hit",
    "HitPolicy",
    "Output",
    "OutputType",
    "Row",
    "Table",
    "TableProblem",
    "TableRefused",
    "check_table",
    "compile_table",
    "from_csv",
    "from_document",
    "to_csv",
]
