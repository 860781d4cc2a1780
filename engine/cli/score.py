"""`cadenza score`: scoring models as files, and what contacts score and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_store.contact_lookup import contact_id_called
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.cli.flow import text_of
from engine.errors import NotFound
from engine.rules.wording.because import because
from engine.services.actor import SYSTEM
from engine.services.plans import current_catalogue
from engine.services.scoring import editing, files, looking

app = typer.Typer(help="Scoring models and the scores of contacts.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The model's YAML file.")]
Name = Annotated[str, typer.Argument(help="The model's name.")]


@app.command()
def check(file: File) -> None:
    """Say everything that is wrong with a model file, by line. Nothing is stored."""
    run(_check(file))


@app.command()
def save(
    file: File,
    default: Annotated[bool, typer.Option(help="Make its total the contact's score.")] = False,
) -> None:
    """Make a model from a file, or change the one of that name; everybody is scored anew."""
    run(_save(file, default=default))


@app.command(name="list")
def list_() -> None:
    """All models, with how many contacts stand in which band."""
    run(_list())


@app.command()
def recount(
    name: Annotated[str | None, typer.Argument(help="One model; without it all.")] = None,
) -> None:
    """Score everybody anew, in the background."""
    run(_recount(name))


@app.command()
def why(
    name: Name, contact: Annotated[str, typer.Argument(help="An address or a contact's number.")]
) -> None:
    """What a contact scores now, rule by rule."""
    run(_why(name, contact))


@app.command()
def delete(name: Name) -> None:
    """Remove a model with its scores."""
    run(_delete(name))


async def _check(file: Path) -> None:
    text = text_of(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        document = await files.check_file(session, SYSTEM, text, file.name)
        for problem in await editing.warnings_of(session, SYSTEM, document):
            typer.echo(f"{problem} (warning)")
    typer.echo(f"{file.name} can be saved.")


async def _save(file: Path, *, default: bool) -> None:
    text = text_of(file)
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            saved = await files.save_file(session, SYSTEM, text, file.name, runtime.now())
            name = saved.name
            if default:
                await editing.choose_default(session, SYSTEM, name)
        runtime.pokes.scores()
    typer.echo(f'"{name}" is saved; everybody is being scored.')


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        for model in await editing.list_models(session, SYSTEM):
            sizes = await looking.band_sizes(session, SYSTEM, model.name)
            told = ", ".join(f"{band or 'below'} {size}" for band, size in sorted(_words(sizes)))
            mark = " (default)" if model.is_default else ""
            typer.echo(f"{model.name}{mark}\t{model.label}\t{told or 'nobody scored yet'}")


def _words(sizes: dict[str | None, int]) -> list[tuple[str, int]]:
    return [(band or "", size) for band, size in sizes.items()]


async def _recount(name: str | None) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            asked = await editing.ask_recount(session, SYSTEM, name)
        runtime.pokes.scores()
    typer.echo(f"{asked} models score everybody anew.")


async def _why(name: str, contact: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        called = int(contact) if contact.isdecimal() else contact
        contact_id = await contact_id_called(session, called)
        if contact_id is None:
            raise NotFound(f'There is no contact "{contact}".')
        zone = runtime.settings.company.default_zone
        score = await looking.explain_score(session, SYSTEM, name, contact_id, runtime.now(), zone)
        catalogue = await current_catalogue(session)
    typer.echo(f"{score.total} points{f', {score.band}' if score.band else ''}")
    for part in score.parts:
        reason = because(part.why, "en", catalogue, zone) if part.why else f"{part.count} events"
        typer.echo(f"{part.points:+d}\t{part.key}\t{reason}")


async def _delete(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await editing.delete_model(session, SYSTEM, name)
    typer.echo(f'"{name}" is gone.')
