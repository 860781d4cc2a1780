"""Rules over CRM facts: one typed language, checked when saved, the same in memory and in SQL.

`parse` checks a document against a catalogue and gives a `Rule`; `engine.rules.to_sql`, which this
package never imports, compiles the same rule for PostgreSQL.
"""

from engine.rules.explain import Explained, Reading
from engine.rules.fact import Fact, RecordKind
from engine.rules.facts import Catalogue, CustomField, Subject
from engine.rules.operators.segments import STATIC_LIST
from engine.rules.parse import parse
from engine.rules.problems import RuleProblem, RuleRefused
from engine.rules.reads import EventNeed, Reads, union
from engine.rules.rule import Facts, Rule
from engine.rules.types import Label, Language, Type

__all__ = [
    "STATIC_LIST",
    "Catalogue",
    "CustomField",
    "EventNeed",
    "Explained",
    "Fact",
    "Facts",
    "Label",
    "Language",
    "Reading",
    "Reads",
    "RecordKind",
    "Rule",
    "RuleProblem",
    "RuleRefused",
    "Subject",
    "Type",
    "parse",
    "union",
]
