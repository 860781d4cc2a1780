"""The page of commands names every verb, and every command of a group."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import typer

from engine.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
ROOT = typer.main.get_command(app)
CONTEXT = click.Context(ROOT) if isinstance(ROOT, click.Command) else typer.Context(ROOT)
VERBS = ROOT.list_commands(CONTEXT)  # type: ignore[attr-defined]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_on_the_page_with_its_commands(verb: str) -> None:
    line = next((line for line in PAGE.splitlines() if f"`cadenza {verb}`" in line), None)
    assert line is not None, f"docs/commands.md says nothing about `cadenza {verb}`"
    command = ROOT.get_command(CONTEXT, verb)  # type: ignore[attr-defined]
    for name in getattr(command, "commands", {}):
        assert f"`{name}`" in line, f"docs/commands.md does not name `cadenza {verb} {name}`"


def test_the_page_names_no_verb_that_is_gone() -> None:
    assert set(re.findall(r"^\| `cadenza ([a-z-]+)`", PAGE, re.MULTILINE)) == set(VERBS)
