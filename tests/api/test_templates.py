"""`/api/templates`: drafts, checks, versions, and who may do what to them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crm_store.publish_rules import put_publish_rule
from crm_store.session import Store
from engine.api.shapes.templates import FILES
from engine.services.templates import TemplateLibrary
from engine.services.templates.checking import SAMPLE_LINKS
from engine.settings import load
from tests.api.conftest import Parts
from tests.api.people import bearer, key_for
from tests.clock import Clock

SHIPPED = Path(__file__).parents[2] / "templates" / "messages"
NEWS = "/api/templates/spring_news"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few of the shipped templates."""
    root = tmp_path_factory.mktemp("templates")
    for name in ("_frames", "offer", "product_news", "win_back"):
        shutil.copytree(SHIPPED / name, root / name)
    shutil.copy(SHIPPED / "_sample.yaml", root)
    return root


@pytest.fixture
def parts(store: Store, clock: Clock, folder: Path) -> Parts:
    """With a library of its own: it remembers what it has seen of its database."""
    return Parts(load(), store, clock.now, library=TemplateLibrary(folder))


async def saved(api: httpx2.AsyncClient, tag: str | None = None, **more: str) -> httpx2.Response:
    headers = {} if tag is None else {"If-Match": tag}
    return await api.put(NEWS, json={"files": FILES | more}, headers=headers)


async def published(api: httpx2.AsyncClient, tag: str = "*", **given: Any) -> httpx2.Response:
    return await api.post(f"{NEWS}/publish", json=given, headers={"If-Match": tag})


async def subject(parts: Parts) -> tuple[str, str]:
    """What is sent now, and its version."""
    async with parts.store.transaction() as session:
        await parts.library.refresh(session)
    letter = parts.library.render(
        "spring_news",
        {"contact": {"first_name": "Ada"}, "sender": {"name": "We"}},
        language="en",
        zone="UTC",
        links=SAMPLE_LINKS,
    )
    return letter.subject, letter.version


async def test_where_a_chain_must_agree_the_refusal_says_how_to_ask(
    api: httpx2.AsyncClient, store: Store
) -> None:
    async with store.transaction() as session:
        await put_publish_rule(session, "template", "", "review")
    await saved(api)
    refused = await published(api)
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_approval")
    assert "`cadenza approval ask template spring_news`" in refused.json()["detail"]


async def test_a_draft_is_saved_checked_published_and_sent(
    api: httpx2.AsyncClient, parts: Parts
) -> None:
    made = await saved(api)
    assert (made.status_code, made.headers["Location"]) == (201, NEWS)
    assert made.json()["check"]["problems"] == []
    assert made.json()["check"]["languages"] == ["en"]
    assert "spring_news" not in parts.library.names()
    done = await published(api, made.headers["ETag"])
    assert (done.status_code, done.json()["version"], done.json()["unchanged"]) == (200, 1, False)
    assert await subject(parts) == ("Ada, spring is here", "v1")
    shown = (await api.get(NEWS)).json()
    assert (shown["state"], shown["version"], shown["files"]) == ("published", "v1", FILES)
    assert (await published(api)).json()["unchanged"] is True


async def test_an_older_version_can_be_sent_again(api: httpx2.AsyncClient, parts: Parts) -> None:
    first = await saved(api)
    await published(api)
    await saved(api, first.headers["ETag"], **{"subject.txt": "Another"})
    assert (await subject(parts))[0] == "Ada, spring is here"
    await published(api)
    assert await subject(parts) == ("Another", "v2")
    assert (await published(api, version=1)).json()["version"] == 1
    assert await subject(parts) == ("Ada, spring is here", "v1")
    old = (await api.get(f"{NEWS}/versions/2")).json()["files"]
    assert old["subject.txt"] == "Another"
    assert (await api.get(f"{NEWS}/versions/3")).status_code == 404
    assert [one["number"] for one in (await api.get(NEWS)).json()["versions"]] == [2, 1]


async def test_two_editors_do_not_overwrite_each_other(api: httpx2.AsyncClient) -> None:
    tag = (await saved(api)).headers["ETag"]
    assert (await saved(api)).status_code == 409
    assert (await saved(api, tag, **{"subject.txt": "Ben's"})).status_code == 200
    late = await saved(api, tag, **{"subject.txt": "Cleo's"})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert (await published(api, tag)).status_code == 412
    assert (await api.get(NEWS)).json()["files"]["subject.txt"] == "Ben's"


async def test_what_has_problems_is_kept_and_not_published(
    api: httpx2.AsyncClient, parts: Parts
) -> None:
    wrong = {"body.html": '<a href="javascript:x">{{ contact.frist_name }}</a>'}
    made = await saved(api, **wrong)
    found = {(one["place"], one["code"]) for one in made.json()["check"]["problems"]}
    assert ("body.html:1", "link_scheme") in found
    assert ("body.html:1", "unknown_variable") in found
    refused = await published(api)
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    assert len(refused.json()["problems"]) == len(found)
    assert "spring_news" not in parts.library.names()


async def test_a_published_template_covers_the_file_until_it_is_retired(
    api: httpx2.AsyncClient, parts: Parts
) -> None:
    shipped = (await api.get("/api/templates/offer")).json()
    assert (shipped["origin"], shipped["state"]) == ("file", "published")
    body = {"files": shipped["files"] | {"subject.txt": "Covered"}}
    assert (await api.put("/api/templates/offer", json=body)).status_code == 201
    line = (await api.get("/api/templates/offer")).json()
    assert (line["state"], line["version"]) == ("draft", shipped["version"])
    await api.post("/api/templates/offer/publish", json={}, headers={"If-Match": "*"})
    async with parts.store.transaction() as session:
        await parts.library.refresh(session)
    assert parts.library.template("offer").version == "v1"
    assert (await api.post("/api/templates/offer/retire")).status_code == 204
    async with parts.store.transaction() as session:
        await parts.library.refresh(session)
    assert parts.library.template("offer").version == shipped["version"]


async def test_a_template_is_written_before_it_is_published(api: httpx2.AsyncClient) -> None:
    given = {"files": FILES, "facts": {"contact": {"first_name": "<b>Cleo</b>"}}}
    letter = (await api.post(f"{NEWS}/render", json=given)).json()
    assert letter["subject"] == "<b>Cleo</b>, spring is here"
    assert "Hi &lt;b&gt;Cleo" in letter["html"]
    assert (await api.post(f"{NEWS}/render", json={})).status_code == 404
    without = {"files": FILES, "facts": {"contact": {"first_name": None}}, "language": "zh-CN"}
    assert (await api.post(f"{NEWS}/render", json=without)).json()["subject"].startswith("there,")


async def test_only_files_that_templates_have_are_kept(api: httpx2.AsyncClient) -> None:
    for file in ("../../etc/passwd", "body.exe", "subject.html", "x/body.html"):
        refused = await saved(api, **{file: "x"})
        assert (refused.status_code, refused.json()["problems"][0]["code"]) == (422, "unknown_file")
    large = await saved(api, **{"sample.yaml": "a" * 20_000})
    assert large.json()["problems"][0]["code"] == "too_large"


async def test_all_templates_are_listed_page_by_page(api: httpx2.AsyncClient) -> None:
    await saved(api)
    page = (await api.get("/api/templates?limit=3")).json()
    rest = (await api.get(f"/api/templates?limit=100&cursor={page['next']}")).json()
    names = [one["name"] for one in page["items"] + rest["items"]]
    assert names == sorted(names)
    assert names == ["offer", "product_news", "spring_news", "win_back"]
    line = page["items"][2]
    assert (line["state"], line["label"]["zh"]) == ("draft", "春季新闻")


async def test_who_may_read_templates_may_not_write_them(
    client: httpx2.AsyncClient, store: Store, clock: Clock, filled: None
) -> None:
    key = await key_for(store, clock, "marketer", ("read:template",))
    client.headers.update(bearer(key))
    assert (await client.get("/api/templates/offer")).status_code == 200
    assert (await saved(client)).status_code == 403
    client.headers.update(bearer(await key_for(store, clock, "rep", ("read:*",))))
    assert (await client.post("/api/templates/offer/retire")).status_code == 403
