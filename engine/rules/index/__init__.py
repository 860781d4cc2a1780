"""Which of thousands of rules hold for an event, without asking each of them."""

from engine.rules.index.listening import Listens, changed_paths
from engine.rules.index.rule_index import RuleIndex
from engine.rules.index.shelf import Shelf

__all__ = ["Listens", "RuleIndex", "Shelf", "changed_paths"]
