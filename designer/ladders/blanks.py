"""What a new definition begins with: valid, short, and meant to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.definitions import DefinitionKind

BLANKS: Final[Mapping[DefinitionKind, str]] = {
    DefinitionKind.APPROVAL: """approval_chain: my_chain
label: My chain
levels:
  - {key: manager, label: Manager, label_zh: 直属主管, approvers: [{manager_of: {of: requester}}]}
""",
    DefinitionKind.ESCALATION: """escalation_policy: my_policy
label: My policy
levels:
  - {to: [owner]}
  - {to: [manager], after: 4h}
""",
    DefinitionKind.ASSIGNMENT: """assignment: my_rules
label: My rules
rules:
  - {name: everybody, to: {role: rep}, by: least_open}
otherwise: {tell: [head]}
""",
}
