"""Values worked out from facts: JSONLogic in full, where dialect 1 only decides.

An expression is checked against the catalogue when it is saved, like a rule, and worked out with
`datalogic-py` under a budget of operations, so that no expression takes long or grows large.
"""

from engine.rules.expressions.expression import Expression, compile_expression
from engine.rules.expressions.working_out import CannotCompute, Trouble

__all__ = ["CannotCompute", "Expression", "Trouble", "compile_expression"]
