"""What people and programs ask about a rule that is not saved: is it right, for whom does it hold,
how many are they, and why.
"""

from engine.services.rules.asked import (
    AskedRule,
    Examined,
    Origin,
    RuleNotAccepted,
    Warned,
    accepted,
    examine,
    examine_closely,
)
from engine.services.rules.counting import Counted, RuleTooSlow, count_rule
from engine.services.rules.explaining import Explanation, explain_rule
from engine.services.rules.permissions import kind_behind, kinds_read, may_know, vocabulary
from engine.services.rules.sampling import sample_rule

__all__ = [
    "AskedRule",
    "Counted",
    "Examined",
    "Explanation",
    "Origin",
    "RuleNotAccepted",
    "RuleTooSlow",
    "Warned",
    "accepted",
    "count_rule",
    "examine",
    "examine_closely",
    "explain_rule",
    "kind_behind",
    "kinds_read",
    "may_know",
    "sample_rule",
    "vocabulary",
]
