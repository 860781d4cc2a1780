"""`cadenza bench`: the benchmarks of a checkout, with their figures printed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import NotFound

FOLDER = Path(__file__).parents[2] / "benchmarks"

app = typer.Typer(help="Run a benchmark.")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Which one; without it they are listed.")
    ] = None,
) -> None:
    """Run one benchmark; what follows its name goes to it."""
    found = _benchmarks()
    if name is None:
        for one, what in found.items():
            typer.echo(f"{one:20} {what}")
        return
    if name not in found:
        raise NotFound(f'There is no benchmark "{name}". There are: {", ".join(found) or "none"}.')
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *context.args], cwd=FOLDER.parent, check=False
    )
    raise typer.Exit(done.returncode)


def _benchmarks() -> dict[str, str]:
    """Name to the first line of what its file says about itself."""
    return {
        file.stem: (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]
        for file in sorted(FOLDER.glob("*.py"))
        if not file.stem.startswith("_")
    }
