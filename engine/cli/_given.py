"""What a verb is given beside its arguments: a secret from the input, a document from a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import typer

from engine.errors import Problem, Refused


def secret() -> str:
    """From a pipe, or typed without being shown: never from the command line, which others see."""
    if sys.stdin.isatty():
        return str(typer.prompt("Secret", hide_input=True))
    return sys.stdin.readline().rstrip("\n")


def json_in(path: Path, what: str) -> Any:
    """`what` was not done when the file cannot be read. Raises Refused."""
    try:
        return orjson.loads(path.read_bytes())
    except OSError as error:
        problem = Problem(str(path), "unreadable", error.strerror or "cannot be read")
        raise Refused(what, [problem]) from error
    except orjson.JSONDecodeError as error:
        where = f"{error.msg} (line {error.lineno}, column {error.colno})"
        raise Refused(what, [Problem(str(path), "bad_json", where)]) from error


def text_in(path: Path, what: str) -> str:
    """Raises Refused."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(str(path), "unreadable", "is no file with text in UTF-8")
        raise Refused(what, [problem]) from error


def as_lines(document: Any) -> str:
    """JSON for people."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def as_line(document: Any) -> str:
    """JSON for programs, a document a line."""
    return orjson.dumps(document).decode()
