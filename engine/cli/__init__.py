"""The command `cadenza`: one file per verb, found by its name and imported when it is typed."""

from __future__ import annotations

import os
import pkgutil
import sys
import uuid
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

from engine.errors import CadenzaError, SettingsRefused, Unavailable
from engine.services.door import through

if TYPE_CHECKING:
    from typer._click import Command, Context

OK, REFUSED, WRONG_USE, UNAVAILABLE, INTERRUPTED = 0, 1, 2, 3, 130


class Verbs(TyperGroup):
    """Reads the folder instead of a list, and leaves the other verbs' imports alone."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002
        return sorted(_verbs())

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:  # noqa: ARG002
        module = _verbs().get(cmd_name)
        if module is None:
            return None
        command = typer.main.get_command(import_module(f"{__name__}.{module}").app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=Verbs, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def cadenza() -> None:
    """Promises to customers, kept: campaigns, pipelines, approvals and escalations."""


def main(arguments: list[str] | None = None) -> None:
    """Run one verb and leave with its exit code. Our own errors are sentences, not tracebacks."""
    code = run_verb(sys.argv[1:] if arguments is None else arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed by now; the interpreter's own farewell can abort in Temporal's runtime.
    os._exit(code)


def run_verb(arguments: list[str]) -> int:
    try:
        # what a worker or a server does comes through other doors
        serves = arguments[:1] in (["up"], ["serve"], ["worker"])
        with nullcontext() if serves else through("cli", uuid.uuid4().hex):
            app(args=arguments, prog_name="cadenza")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except CadenzaError as error:
        typer.echo(f"cadenza: {error}", err=True)
        return exit_code(error)
    return OK


def exit_code(error: CadenzaError) -> int:
    """2 for settings, 3 when something does not answer, 1 for everything else."""
    if isinstance(error, SettingsRefused):
        return WRONG_USE
    return UNAVAILABLE if isinstance(error, Unavailable) else REFUSED


def _verbs() -> dict[str, str]:
    """Verb to module: `import_` is spelled `import`, `new_key` is spelled `new-key`."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return {name.rstrip("_").replace("_", "-"): name for name in names if not name.startswith("_")}
