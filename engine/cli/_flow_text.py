"""Flow files on the command line: reading them, and saying what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from engine.errors import NotFound, Refused
from engine.flows.problems import FlowProblem

LONGEST_FILE_BYTES = 1_048_576


def text_of(file: Path) -> str:
    """The file's text; refuses what is no flow before reading it all."""
    if not file.is_file():
        raise NotFound(f'There is no file "{file}". Correct the path.')
    if file.stat().st_size > LONGEST_FILE_BYTES:
        raise Refused(f'"{file}" is larger than 1 MiB; a flow never is. Give a flow file.')
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f'"{file}" is not UTF-8 text. Save it as UTF-8.') from error


def is_file(given: str) -> bool:
    """Whether a file is meant rather than a flow by its name."""
    file = Path(given)
    return file.is_file() or file.suffix in (".yaml", ".yml", ".json")


def write_out(text: str, out: Path | None) -> bool:
    """Print the text, or write it to a file; whether it went to a file."""
    if out is None:
        typer.echo(text, nl=False)
        return False
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise Refused(f'"{out}" cannot be written: {error.strerror}. Name another file.') from error
    typer.echo(f"{out} is written.")
    return True


def show(problems: Iterable[FlowProblem]) -> None:
    """One line each, on the channel of errors."""
    for problem in problems:
        typer.echo(f"{problem.severity}: {problem}", err=True)
