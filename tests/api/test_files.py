"""`/api/files` and the public pictures of letters."""

from __future__ import annotations

import httpx2

from engine.api.routes.files import MOST_BYTES
from tests.files import samples

PDF = {"Content-Type": "application/pdf"}


async def test_a_file_is_kept_shown_fetched_and_removed(api: httpx2.AsyncClient) -> None:
    path = "/api/files/terms"
    named = "?file_name=../Terms%20%26%20%E6%9D%A1%E6%AC%BE.pdf"
    made = await api.put(path + named, content=samples.PDF, headers=PDF)
    again = await api.put(path + named, content=samples.PDF, headers=PDF)
    newer = await api.put(path, content=samples.PDF + b"%2", headers=PDF)
    assert [one.status_code for one in (made, again, newer)] == [201, 200, 201]
    assert made.json()["file_name"] == "Terms & 条款.pdf"
    shown = (await api.get(path)).json()
    assert [one["version"] for one in shown["versions"]] == [2, 1]
    assert shown["used_by"] == []
    old = await api.get(f"{path}/content?version=1")
    assert old.content == samples.PDF
    assert old.headers["x-content-type-options"] == "nosniff"
    saved_as = "attachment; filename*=utf-8''Terms%20%26%20%E6%9D%A1%E6%AC%BE.pdf"
    assert old.headers["content-disposition"] == saved_as
    assert old.headers["content-type"] == "application/pdf"
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_files_come_in_pages(api: httpx2.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        await api.put(f"/api/files/{name}", content=samples.PDF, headers=PDF)
    first = (await api.get("/api/files?limit=2")).json()
    rest = (await api.get(f"/api/files?limit=2&cursor={first['next']}")).json()
    assert [one["name"] for one in (*first["items"], *rest["items"])] == ["a", "b", "c"]
    assert rest["next"] is None


async def test_what_may_not_travel_is_refused(api: httpx2.AsyncClient) -> None:
    html = {"Content-Type": "text/html"}
    refused = await api.put("/api/files/page", content=samples.HTML, headers=html)
    assert refused.status_code == 422
    assert [one["code"] for one in refused.json()["problems"]] == ["type_not_taken"]
    lied = await api.put("/api/files/page", content=samples.EXE, headers=PDF)
    assert [one["code"] for one in lied.json()["problems"]] == ["not_of_type"]
    assert (await api.put("/api/files/page", content=b"", headers=PDF)).status_code == 422
    large = samples.PDF.ljust(MOST_BYTES + 1, b" ")
    assert (await api.put("/api/files/page", content=large, headers=PDF)).status_code == 413
    assert (await api.get("/api/files")).json()["items"] == []


async def test_only_pictures_are_public(api: httpx2.AsyncClient) -> None:
    png = {"Content-Type": "image/png"}
    logo = (await api.put("/api/files/logo", content=samples.PNG, headers=png)).json()
    terms = (await api.put("/api/files/terms", content=samples.PDF, headers=PDF)).json()
    del api.headers["authorization"]
    shown = await api.get(f"/i/{logo['sha256']}.png")
    assert (shown.status_code, shown.content) == (200, samples.PNG)
    assert "immutable" in shown.headers["cache-control"]
    assert "sandbox" in shown.headers["content-security-policy"]
    known = {"If-None-Match": shown.headers["etag"]}
    assert (await api.get(f"/i/{logo['sha256']}.png", headers=known)).status_code == 304
    for path in (f"{terms['sha256']}.pdf", f"{terms['sha256']}.png", f"{'0' * 64}.png", "x.png"):
        assert (await api.get(f"/i/{path}")).status_code == 404
    assert (await api.get("/api/files/terms/content")).status_code == 401
