"""`cadenza topic`: what messages are about, and people may switch off."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from crm_store.topics import TopicRow
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.preferences import add_ready_topics, list_topics, put_topic, remove_topic

app = typer.Typer(help="Topics that people choose from.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="Its short name, as templates say it.")]


@app.command(name="list")
def list_() -> None:
    """All topics, in the order people see them."""
    run(_list())


@app.command()
def add(
    slug: Slug,
    label: Annotated[str, typer.Option(help="What people read.")],
    label_zh: Annotated[str | None, typer.Option(help="The same in Chinese.")] = None,
    help_: Annotated[str | None, typer.Option("--help-text", help="A sentence on it.")] = None,
    help_zh: Annotated[str | None, typer.Option(help="The same in Chinese.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Off until somebody chooses it.")] = False,
    position: Annotated[int, typer.Option(min=0, help="Lower ones come first.")] = 0,
) -> None:
    """Make a topic, or replace the one of that name."""
    topic = TopicRow(slug, label, label_zh, help_, help_zh, default_on=not off, position=position)
    run(_add(topic))


@app.command()
def ready() -> None:
    """Add the topics that the shipped templates name, as far as they are not there."""
    run(_ready())


@app.command()
def remove(slug: Slug) -> None:
    """Ask nobody about it any more; what people chose stays."""
    run(_remove(slug))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_topics(session, SYSTEM)
    table = Table("Topic", "Label", "Chinese", "For those who never chose")
    for topic in found:
        table.add_row(
            topic.slug, topic.label, topic.label_zh or "", "on" if topic.default_on else "off"
        )
    Console().print(table)


async def _add(topic: TopicRow) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        is_new = await put_topic(session, SYSTEM, topic)
    typer.echo(f'Topic "{topic.slug}" {"made" if is_new else "changed"}.')


async def _ready() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        count = await add_ready_topics(session, SYSTEM)
    typer.echo(f"{count} topics made.")


async def _remove(slug: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await remove_topic(session, SYSTEM, slug)
    typer.echo(f'Topic "{slug}" removed.')
