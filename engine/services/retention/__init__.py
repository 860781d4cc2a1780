"""How long rows of each kind stay. Without a rule they stay for ever."""

from engine.services.retention.rules import (
    KINDS,
    LONGEST_DAYS,
    RuleRow,
    apply_retention,
    forget_rule,
    preview_rule,
    retention_rules,
    set_rule,
)

__all__ = [
    "KINDS",
    "LONGEST_DAYS",
    "RuleRow",
    "apply_retention",
    "forget_rule",
    "preview_rule",
    "retention_rules",
    "set_rule",
]
