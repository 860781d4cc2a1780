"""Rules put together by hand: a field that shows one in words, and the dialog that builds it."""

from designer.rule_builder.dialog import CANCELLED, Cancelled, rule_dialog
from designer.rule_builder.field import RuleField

__all__ = ["CANCELLED", "Cancelled", "RuleField", "rule_dialog"]
