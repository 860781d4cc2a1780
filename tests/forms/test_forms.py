"""Forms that anybody may send: only listed fields, listed pages, and a yes from the address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.forms import add_form, form_from, set_form_active
from engine.services.forms.model import TRAP, answers_of, form_stored
from tests.api.conftest import Parts

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
THANKS = "https://example.com/thanks"
FORM: dict[str, Any] = {
    "title": "Our <newsletter>",
    "wording": "A letter each month",
    "redirects": [THANKS, "https://example.com/other"],
    "fields": [
        {"name": "first", "label": "First name", "fills": "first_name"},
        {"name": "size", "label": "Size", "kind": "choice", "choices": ["S", "M"]},
        {"name": "note", "label": "Note", "kind": "long_text"},
    ],
}
HEADERS = {"content-type": "application/x-www-form-urlencoded"}


async def made(parts: Parts, **change: Any) -> None:
    async with parts.store.transaction() as session:
        await add_form(session, SYSTEM, "news", {**FORM, **change}, parts.now())


def sent(client: httpx2.AsyncClient, **fields: str) -> Any:
    return client.post("/f/news", content=urlencode(fields), headers=HEADERS)


async def test_what_was_sent_is_an_event_and_asks_for_a_yes(
    client: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    await made(parts)
    for _ in range(2):
        answer = await sent(
            client, email="Ada@Example.com", first="Ada", size="M", lifecycle_stage="customer"
        )
        assert (answer.status_code, answer.headers["location"]) == (303, THANKS)

    assert await rows("SELECT email, first_name, lifecycle_stage FROM contact") == [
        ("Ada@Example.com", "Ada", "lead")
    ]
    assert await rows("SELECT name, source, properties FROM event WHERE kind = 'form'") == [
        ("Form Sent", "form:news", {"form": "news", "first": "Ada", "size": "M"})
    ]
    # asked once, and nothing is agreed to yet
    assert await rows("SELECT count(*) FROM event WHERE name = 'Subscription Requested'") == [(1,)]
    assert await rows("SELECT count(*) FROM consent WHERE granted") == [(0,)]
    assert parts.pokes.dispatched


async def test_a_stranger_changes_nothing_that_is_known(
    client: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    await made(parts, consent="none")
    await sent(client, email="ada@example.com", first="Ada")
    await sent(client, email="ada@example.com", first="Eve")
    assert await rows("SELECT first_name FROM contact") == [("Ada",)]
    assert await rows("SELECT count(*) FROM event") == [(2,)]


async def test_the_browser_goes_to_listed_pages_only(
    client: httpx2.AsyncClient, parts: Parts
) -> None:
    await made(parts)
    for wanted, goes in (
        ("https://example.com/other", "https://example.com/other"),
        ("https://evil.example/", THANKS),
        ("//evil.example", THANKS),
        ("javascript:alert(1)", THANKS),
    ):
        answer = await sent(client, email="ada@example.com", next=wanted)
        assert answer.headers["location"] == goes
    page = await client.get("/f/news")
    assert "form-action 'self' https://example.com;" in page.headers["content-security-policy"]


async def test_programs_learn_nothing(client: httpx2.AsyncClient, parts: Parts, rows: Rows) -> None:
    await made(parts)
    answer = await sent(client, email="bot@example.com", **{TRAP: "https://spam.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, THANKS)
    assert await rows("SELECT count(*) FROM contact") == [(0,)]
    answers = [await sent(client, email="nothing") for _ in range(25)]
    assert {one.status_code for one in answers} == {422, 429}
    assert answers[-1].headers["retry-after"] == "60"


async def test_mistakes_are_told_at_their_fields_and_what_was_written_stays(
    client: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    await made(parts)
    answer = await sent(client, email="ada", first="<b>Ada", size="XL", note='"><script>')
    assert answer.status_code == 422
    assert "Our &lt;newsletter&gt;" in answer.text
    assert 'value="&lt;b&gt;Ada"' in answer.text
    assert "<script>" not in answer.text
    assert 'aria-describedby="f-email-wrong"' in answer.text
    assert 'aria-describedby="f-size-wrong"' in answer.text
    assert await rows("SELECT count(*) FROM event") == [(0,)]
    chinese = await client.get("/f/news", headers={"accept-language": "zh-CN"})
    assert "电子邮箱" in chinese.text


async def test_scripts_of_other_sites_send_json(client: httpx2.AsyncClient, parts: Parts) -> None:
    await made(parts)
    before = await client.options("/f/news")
    answer = await client.post("/f/news", json={"email": "ada@example.com", "first": "Ada"})
    wrong = await client.post("/f/news", json={"email": "ada"})
    other = await client.post("/f/news", content=b"<x/>", headers={"content-type": "text/xml"})

    assert before.headers["access-control-allow-origin"] == "*"
    assert answer.json() == {"success": True, "confirm": True, "next": THANKS}
    assert (wrong.status_code, wrong.json()["problems"][0]["code"]) == (422, "bad_email")
    assert other.status_code == 415


async def test_a_paused_form_is_not_there(client: httpx2.AsyncClient, parts: Parts) -> None:
    await made(parts, redirects=[], thanks="See you")
    shown = await sent(client, email="ada@example.com")
    assert (shown.status_code, "See you" in shown.text) == (200, True)
    async with parts.store.transaction() as session:
        await set_form_active(session, SYSTEM, "news", False)
    assert (await client.get("/f/news")).status_code == 410
    assert (await sent(client, email="ada@example.com")).status_code == 410


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": ""}, "/title"),
        ({"wording": ""}, "/wording"),
        ({"consent": "maybe"}, "/consent"),
        ({"fields": [{"name": "email", "label": "E"}]}, "/fields/0/name"),
        ({"fields": [{"name": TRAP, "label": "E"}]}, "/fields/0/name"),
        ({"fields": [{"name": "a", "label": "A", "kind": "file"}]}, "/fields/0/kind"),
        ({"fields": [{"name": "a", "label": "A", "fills": "score"}]}, "/fields/0/fills"),
        ({"fields": [{"name": "a", "label": "A", "kind": "choice"}]}, "/fields/0/choices"),
        ({"fields": [{"name": "a", "label": "A"}] * 2}, "/fields/1/name"),
        ({"redirects": ["http://example.com/"]}, "/redirects/0"),
        ({"redirects": ["https://a@example.com/"]}, "/redirects/0"),
        ({"redirects": ["https://example.com/;x"]}, "/redirects/0"),
        ({"redirects": ["javascript:alert(1)"]}, "/redirects/0"),
        ({"topics": ["No Topic"]}, "/topics"),
    ],
)
def test_a_wrong_form_is_refused_at_its_place(change: Any, place: str) -> None:
    with pytest.raises(Refused) as refused:
        form_from({**FORM, **change}, frozenset())
    assert place in {one.place for one in refused.value.problems}


def test_answers_are_read_by_their_kinds() -> None:
    fields = [
        {"name": "born", "label": "B", "kind": "date", "fills": "birthday"},
        {"name": "seats", "label": "S", "kind": "number"},
        {"name": "agree", "label": "A", "kind": "tick", "required": True},
        {"name": "plan", "label": "P", "fills": "custom.plan"},
    ]
    form = form_from({**FORM, "fields": fields}, frozenset({"plan"}))
    assert form_stored(form.as_json()) == form
    given = {"email": "a@example.com", "born": "2000-02-29", "seats": "5", "agree": "on"}
    found = answers_of(form, given | {"plan": "gold", "other": "x"})
    assert found.problems == []
    assert found.said == {"born": "2000-02-29", "seats": 5, "agree": True, "plan": "gold"}
    assert found.fills == {"birthday": "2000-02-29", "plan": "gold"}
    assert [one.place for one in answers_of(form, {"email": "a@example.com"}).problems] == ["agree"]


def parts_of(*named: tuple[str, str], file: str | None = None) -> tuple[bytes, dict[str, str]]:
    """A body as browsers make it, and its headers; `file` is the name of a chosen file."""
    lines = [
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in named
    ]
    if file is not None:
        lines.append(
            f'--xx\r\nContent-Disposition: form-data; name="cv"; filename="{file}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n{'%PDF' if file else ''}\r\n"
        )
    headers = {"content-type": "multipart/form-data; boundary=xx"}
    return ("".join(lines) + "--xx--\r\n").encode(), headers


async def test_parts_are_read_like_fields_and_an_empty_file_is_nothing(
    client: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    await made(parts, redirects=[])
    body, headers = parts_of(("email", "ada@example.com"), ("first", "爱达"), file="")
    page = await client.post("/f/news", content=body, headers=headers)
    again = await client.post(
        "/f/news", content=body, headers={**headers, "accept": "application/json"}
    )

    assert (page.status_code, "Thank you" in page.text) == (200, True)
    assert again.json() == {"success": True, "confirm": True, "next": None}
    assert await rows("SELECT first_name FROM contact") == [("爱达",)]
    assert await rows("SELECT count(*) FROM event WHERE kind = 'form'") == [(1,)]


async def test_files_are_refused_in_words_and_nothing_is_kept(
    client: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    await made(parts)
    body, headers = parts_of(("email", "ada@example.com"), file="cv.pdf")
    person = await client.post(
        "/f/news", content=body, headers={**headers, "accept": "text/html", "accept-language": "zh"}
    )
    script = await client.post(
        "/f/news", content=body, headers={**headers, "accept": "application/json"}
    )

    assert (person.status_code, "此表单不接收文件" in person.text) == (422, True)
    assert (script.status_code, script.json()["code"]) == (422, "files_sent")
    assert script.json()["problems"][0]["place"] == "cv"
    assert await rows("SELECT count(*) FROM contact") == [(0,)]


async def test_odd_parts_are_refused_and_break_nothing(
    client: httpx2.AsyncClient, parts: Parts, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits import RateLimitItemPerMinute

    from engine.api.public import sent_forms

    monkeypatch.setattr(sent_forms, "ONE_PLACE", RateLimitItemPerMinute(1_000, 1, "many"))
    await made(parts)
    good, _ = parts_of(("email", "ada@example.com"))
    many, _ = parts_of(*((f"f{number}", "x") for number in range(101)))
    nameless = b"--xx\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xx--\r\n"
    kind = "multipart/form-data"
    sent_like = [
        (good, kind),
        (good, f"{kind}; boundary="),
        (good, f"{kind}; boundary={'x' * 71}"),
        (good, f"{kind}; boundary=other"),
        (good, f"{kind}; boundary=xx; charset=punycode"),
        (good, f"{kind}; boundary=xx; charset=zlib_codec"),
        (good[:-12], f"{kind}; boundary=xx"),
        (many, f"{kind}; boundary=xx"),
        (nameless, f"{kind}; boundary=xx"),
        (b"", f"{kind}; boundary=xx"),
        (b"--xx" * 10_000, f"{kind}; boundary=xx"),
        (b"\xff\x00--xx\r\n" * 3_000, f"{kind}; boundary=xx"),
    ]
    for body, content_type in sent_like:
        answer = await client.post(
            "/f/news",
            content=body,
            headers={"content-type": content_type, "accept": "application/json"},
        )
        assert answer.status_code == 422, content_type
    large = await client.post(
        "/f/news", content=b"x" * 70_000, headers={"content-type": f"{kind}; boundary=xx"}
    )
    assert large.status_code == 413
    assert await rows("SELECT count(*) FROM contact") == [(0,)]
