"""Templates of the database among those of the files, up to the letter that is sent."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_store import templates as rows
from crm_store.session import Store
from crm_store.templates import Change
from engine.cli import run_verb
from engine.errors import Conflict, NotAllowed
from engine.flows.problems import FlowRefused
from engine.rendering import RenderFailed
from engine.services import flows
from engine.services.actor import SYSTEM, Actor
from engine.services.messages import Prepared, prepare
from engine.services.plans import Plans
from engine.services.templates import TemplateLibrary, UnknownTemplate
from engine.services.templates.checking import SAMPLE_LINKS
from engine.services.templates.drafts import ANYTHING, save_template
from engine.services.templates.publishing import publish_template, retire_template
from tests.messages.people import NOW, SETTINGS, TEMPLATES, add_asks, add_contacts

META = "label: {en: News, zh: 新闻}\npurpose: service\ntopic: tips\nsender: shop\n"
NEWS = {
    "meta.yaml": META + "fallbacks: {pt: es}\ndefaults: {contact.first_name: {en: you, es: tú}}\n",
    "subject.txt": "For {{ contact.first_name }}",
    "body.html": "<p>Hello</p>",
    "subject.es.txt": "Para {{ contact.first_name }}",
    "body.es.html": "<p>Hola</p>",
    "short.txt": "Hi {{ contact.first_name }}!\n",
}
VIEWER = Actor("user", None, "Cleo", "viewer")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("templates")
    for name in ("_frames", "win_back"):
        shutil.copytree(TEMPLATES / name, root / name)
    shutil.copy(TEMPLATES / "_sample.yaml", root)
    return root


@pytest.fixture
def library(folder: Path) -> TemplateLibrary:
    return TemplateLibrary(folder)


async def publish(store: Store, library: TemplateLibrary, name: str, files: dict[str, str]) -> int:
    async with store.transaction() as session:
        await save_template(session, SYSTEM, library, name, files, now=NOW, seen=ANYTHING)
        done = await publish_template(session, SYSTEM, library, name, now=NOW)
    return done.number


def written(library: TemplateLibrary, language: str = "en", **contact: Any) -> Any:
    return library.render(
        "news", {"contact": contact}, language=language, zone="UTC", links=SAMPLE_LINKS
    )


def test_a_letter_says_where_it_came_from(library: TemplateLibrary) -> None:
    library.take_in([Change("news", 1, 4, NEWS, {})])
    letter = written(library)
    assert (letter.version, letter.topic, letter.sender) == ("v4", "tips", "shop")
    assert (letter.subject, letter.short_text) == ("For you", "Hi you!")


@pytest.mark.parametrize(
    ("language", "got"),
    [("pt-BR", "Para tú"), ("es-MX", "Para tú"), ("fr", "For you"), ("pt", "Para tú")],
)
def test_languages_fall_back_as_the_template_says(
    library: TemplateLibrary, language: str, got: str
) -> None:
    library.take_in([Change("news", 1, 1, NEWS, {})])
    assert written(library, language).subject == got


def test_what_is_of_no_use_to_this_release_holds_its_own_letters_only(
    library: TemplateLibrary,
) -> None:
    library.take_in([Change("news", 1, 1, {**NEWS, "body.html": "{{ x |"}, {})])
    library.take_in([Change("win_back", 2, 1, {"meta.yaml": "x"}, {})])
    with pytest.raises(RenderFailed):
        written(library)
    assert library.names() == ()
    library.take_in([Change("win_back", 3, None, None, {})])
    assert library.names() == ("win_back",)


async def test_a_library_takes_in_what_others_publish_and_reads_nothing_twice(
    store: Store, folder: Path, library: TemplateLibrary
) -> None:
    elsewhere = TemplateLibrary(folder)
    await publish(store, elsewhere, "news", NEWS)
    async with store.transaction() as session:
        assert len(await rows.changes_after(session, 0)) == 1
        await library.refresh(session)
        assert await rows.changes_after(session, 1) == []
    assert written(library).version == "v1"
    assert await publish(store, elsewhere, "news", {**NEWS, "subject.txt": "Second"}) == 2
    assert await publish(store, elsewhere, "news", NEWS) == 1
    async with store.transaction() as session:
        await retire_template(session, SYSTEM, elsewhere, "news", now=NOW)
    async with store.transaction() as session:
        await library.refresh(session)
    with pytest.raises(UnknownTemplate):
        written(library)


async def test_two_who_publish_at_once_are_both_seen(
    store: Store, library: TemplateLibrary
) -> None:
    """The later number must not become visible before the earlier one."""
    async with store.transaction() as session:
        for name in ("one", "two"):
            files = {**NEWS, "subject.txt": name}
            await save_template(session, SYSTEM, library, name, files, now=NOW)
    first_may_commit = asyncio.Event()

    async def first() -> None:
        async with store.transaction() as session:
            await publish_template(session, SYSTEM, library, "one", now=NOW)
            await first_may_commit.wait()

    async def second() -> None:
        async with store.transaction() as session:
            await publish_template(session, SYSTEM, library, "two", now=NOW)

    one = asyncio.create_task(first())
    two = asyncio.create_task(second())
    await asyncio.wait([two], timeout=0.3)
    async with store.transaction() as session:
        await library.refresh(session)
    first_may_commit.set()
    await asyncio.gather(one, two)
    async with store.transaction() as session:
        await library.refresh(session)
    assert {"one", "two"} <= set(library.names())


async def test_a_message_keeps_the_version_it_was_written_from(
    store: Store, library: TemplateLibrary
) -> None:
    meta = META.replace("topic: tips\nsender: shop\n", "")
    meta += "defaults: {contact.first_name: you}"
    await publish(store, library, "news", {**NEWS, "meta.yaml": meta})
    async with store.transaction() as session:
        contacts = await add_contacts(session, 2)
        asks = await add_asks(session, contacts[:1], template="news", purpose="service")
        asks += await add_asks(session, contacts[1:])
        outcomes = await prepare(
            session,
            asks,
            library=library,
            sender_settings=SETTINGS,
            channel_name="null",
            now=NOW,
        )
    assert all(isinstance(one, Prepared) for one in outcomes), outcomes
    async with store.connection() as connection:
        found = await connection.exec_driver_sql(
            "SELECT template, template_version FROM message ORDER BY template"
        )
        assert [tuple(row) for row in found] == [
            ("news", "v1"),
            ("win_back", library.template("win_back").version),
        ]


async def test_flows_know_published_templates_and_keep_them_from_being_retired(
    store: Store, library: TemplateLibrary
) -> None:
    flow = (
        "flow: tell\nlabel: Tell\nsubject: contact\npurpose: service\n"
        "trigger: {on: manual}\nsteps:\n"
        "  hello: {do: send_message, template: news, next: done}\n  done: {do: exit}\n"
    )
    async with store.transaction() as session:
        await flows.save_draft(session, SYSTEM, flow, library=library, file="tell.yaml")
        with pytest.raises(FlowRefused):
            await flows.publish(session, SYSTEM, "tell", plans=Plans(), library=library, now=NOW)
    await publish(store, library, "news", NEWS)
    async with store.transaction() as session:
        await flows.publish(session, SYSTEM, "tell", plans=Plans(), library=library, now=NOW)
    async with store.transaction() as session:
        with pytest.raises(Conflict, match='"tell"'):
            await retire_template(session, SYSTEM, library, "news", now=NOW)
        await flows.retire(session, SYSTEM, "tell", NOW)
        await retire_template(session, SYSTEM, library, "news", now=NOW)


async def test_who_may_only_look_changes_nothing(store: Store, library: TemplateLibrary) -> None:
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await save_template(session, VIEWER, library, "news", NEWS, now=NOW)
        with pytest.raises(NotAllowed):
            await publish_template(session, VIEWER, library, "news", now=NOW)


Cadenza = Callable[..., tuple[int, str]]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("DELIVERY_CHANNEL", "null")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def test_folders_go_into_the_database_and_come_out_unchanged(
    cadenza: Cadenza, tmp_path: Path
) -> None:
    source = tmp_path / "autumn"
    shutil.copytree(TEMPLATES / "product_news", source)
    (source / "subject.txt").write_bytes(b"Autumn\r\n{{ contact.first_name }}")
    code, told = cadenza("template", "import", str(source), "--publish")
    assert (code, 'Version 1 of "autumn" is sent from now on.' in told) == (0, True), told
    assert cadenza("template", "export", "autumn", str(tmp_path / "out"))[0] == 0
    exported = {path.name: path.read_bytes() for path in (tmp_path / "out" / "autumn").iterdir()}
    assert exported == {path.name: path.read_bytes() for path in source.iterdir()}
    assert "Subject: Autumn Ada" in cadenza("template", "render", "autumn")[1]
    (source / "body.mjml").write_text("<mj-section><mj-txt/></mj-section>")
    code, told = cadenza("template", "check", str(source))
    assert (code, "body.mjml:1" in told) == (1, True)
    assert cadenza("template", "retire", "autumn")[0] == 0
    assert "v1" not in cadenza("template", "list")[1]
