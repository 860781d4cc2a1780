"""`cadenza settings`: everything that can be set, as the page of the manual."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from engine.settings import GROUPS
from engine.settings.loading import Group, environment_name, is_secret

HEAD = """# Settings

Everything is set by environment variables, and everything has a default that suits `cadenza up`
on one machine. A secret may come from a file instead: `NAME_FILE` holds the file's path. An empty
value counts as not set. Wrong values stop the start, all of them in one message.

This page is written by `cadenza settings`; change the descriptions in `engine/settings/`.
"""

app = typer.Typer(help="Print the page about settings.")


@app.command()
def settings() -> None:
    """Print every setting with its meaning, kind and default, in Markdown."""
    typer.echo(page(), nl=False)


def page() -> str:
    """The whole of `docs/settings.md`."""
    return HEAD + "".join(line for name in GROUPS for line in _section(GROUPS[name]))


def _section(group: type[Group]) -> Iterator[str]:
    meaning = (group.__doc__ or "").strip().replace("\n    ", "\n")
    yield f"\n## {group.__name__}\n\n{meaning}\n\n"
    yield "| name | meaning | kind | default |\n| --- | --- | --- | --- |\n"
    for field_name, field in group.model_fields.items():
        name = environment_name(field, field_name)
        yield f"| `{name}` | {field.description} | {_kind(field)} | {_default(field)} |\n"


def _kind(field: FieldInfo) -> str:
    if is_secret(field):
        return "secret"
    return " or ".join(_words(field.annotation))


def _words(annotation: Any) -> Iterator[str]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _words(arguments[0])
    elif origin is Literal:
        yield from (f"`{argument}`" for argument in arguments)
    elif origin in (Union, UnionType):
        yield from (
            word
            for argument in arguments
            if argument is not type(None)
            for word in _words(argument)
        )
    else:
        yield KINDS[annotation]


KINDS: dict[Any, str] = {
    Path: "path",
    bool: "`true` or `false`",
    int: "whole number",
    float: "number",
    str: "text",
    SecretStr: "secret",
}


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "not set"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`"
