"""Other engines that read the same rules, as far as they are installed.

Those that the product does not need are looked for where the person who runs the benchmark says:
`RULE_PEERS_PYTHON` is a folder of Python packages, `RULE_PEERS_NODE` a folder with `node_modules`.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from datalogic_py import DataHandle, Engine
from jsonlogic.core import JSONLogicExpression, Operator
from jsonlogic.evaluation import EvaluationContext, evaluate, get_value
from jsonlogic.evaluation.evaluation_settings import EvaluationSettingsDict
from jsonlogic.operators import operator_registry
from jsonlogic.resolving import DotReferenceParser
from jsonlogic.typing import OperatorArgument

from engine.rules import Facts

# Runs an engine over everybody and answers how many rules held.
Run = Callable[[], int]
Engines = dict[str, Run]


def datalogic(rule: Any, everybody: list[Facts]) -> Engines:
    compiled = Engine().compile(json.dumps(rule))
    texts = [json.dumps(facts) for facts in everybody]

    def from_dicts() -> int:
        return sum([compiled.evaluate(facts) is True for facts in everybody])

    def from_text() -> int:
        return sum([compiled.evaluate_str(text) == "true" for text in texts])

    return {"datalogic-py, dict": from_dicts, "datalogic-py, JSON text": from_text}


def datalogic_many(rules: list[Any], everybody: list[Facts]) -> Engines:
    engine = Engine()
    compiled = [engine.compile(json.dumps(rule)) for rule in rules]
    session = engine.session()

    def run() -> int:
        found = 0
        for facts in everybody:
            found += session.evaluate_many(compiled, DataHandle(facts)).count("true")
        return found

    return {"datalogic-py, evaluate_many": run}


@dataclass
class Joined(Operator):
    """python-jsonlogic comes without `and`, `or`, `!` and `in`; this gives it all four."""

    parts: list[OperatorArgument]

    @classmethod
    def from_expression(cls, operator: str, arguments: list[OperatorArgument]) -> Self:
        return cls(operator, arguments)

    def evaluate(self, context: EvaluationContext) -> Any:
        match self.operator:
            case "and":
                return all(get_value(part, context) for part in self.parts)
            case "or":
                return any(get_value(part, context) for part in self.parts)
            case "!":
                return not get_value(self.parts[0], context)
            case _:
                wanted: Any = self.parts[1]
                return get_value(self.parts[0], context) in wanted


def python_jsonlogic(rule: Any, everybody: list[Facts]) -> Engines:
    registry = operator_registry.copy()
    for name in ("and", "or", "!", "in"):
        registry.register(name, Joined)
    expression = JSONLogicExpression.from_json(rule).as_operator_tree(registry)
    settings: EvaluationSettingsDict = {"reference_parser": DotReferenceParser()}

    def run() -> int:
        return sum([evaluate(expression, facts, None, settings) is True for facts in everybody])

    return {"python-jsonlogic (and, or, !, in added)": run}


def zen(rule: Any, everybody: list[Facts]) -> Engines:
    """zen-engine has a language of its own; the rule is written out in it."""
    if folder := os.environ.get("RULE_PEERS_PYTHON"):
        sys.path.append(folder)
    try:
        package = importlib.import_module("zen")
    except ImportError:
        print("zen-engine: not installed (see RULE_PEERS_PYTHON)")
        return {}
    expression = package.compile_expression(_in_zen(rule))

    def run() -> int:
        return sum([expression.evaluate(facts) is True for facts in everybody])

    return {"zen-engine, expression": run}


def _in_zen(rule: Any, item: bool = False) -> str:
    if not isinstance(rule, dict):
        return json.dumps(rule)
    ((name, arguments),) = rule.items()
    if name == "var":
        return f"#.{arguments}" if item else str(arguments)
    if name == "some":
        return f"some({_in_zen(arguments[0])}, {_in_zen(arguments[1], item=True)})"
    parts = [f"({_in_zen(part, item)})" for part in arguments]
    return f"not {parts[0]}" if name == "!" else f" {name} ".join(parts)


def node(rules: list[Any], everybody: list[Facts], passes: int) -> dict[str, tuple[float, int]]:
    """Microseconds of CPU per record for all rules, and how many held, by engine."""
    folder, program = os.environ.get("RULE_PEERS_NODE"), shutil.which("node")
    if folder is None or program is None:
        missing = "node" if program is None else "RULE_PEERS_NODE"
        print(f"json-logic-js, json-logic-engine: not installed (no {missing})")
        return {}
    script = Path(__file__).with_name("_rule_peers.cjs")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"rules": rules, "records": everybody, "passes": passes}, file)
        file.flush()
        answer = subprocess.run(
            [program, str(script), folder, file.name], capture_output=True, text=True, check=True
        )
    found: dict[str, tuple[float, int]] = {}
    for line in answer.stdout.splitlines():
        one = json.loads(line)
        found[one["engine"]] = one["microseconds"], one["found"]
    return found
