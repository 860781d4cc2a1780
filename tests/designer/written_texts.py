"""Every text for people that the designer's source holds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import designer

ROOT = Path(designer.__file__).parent


def texts_in_source() -> dict[str, str]:
    """Text -> where it was found first: literals given to `t(...)`, `t.n(...)` and `N_(...)`."""
    found: dict[str, str] = {}
    for path in sorted(ROOT.rglob("*.py")):
        if "i18n" in path.parts:
            continue
        for text, line in _in_module(path):
            found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    for path in sorted(ROOT.rglob("*.html")):
        for text in re.findall(r"\bt\(\"((?:[^\"\\]|\\.)*)\"", path.read_text()):
            found.setdefault(text, str(path.relative_to(ROOT)))
    return found


def _in_module(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        for argument in _translated_arguments(node):
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value, node.lineno


def _translated_arguments(call: ast.Call) -> list[ast.expr]:
    match call.func:
        case ast.Name("t" | "N_") | ast.Attribute(attr="t"):
            return call.args[:1]
        case ast.Attribute(value=ast.Name("t") | ast.Attribute(attr="t"), attr="n"):
            return call.args[:2]
        case _:
            return []
