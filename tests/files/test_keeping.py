"""Files are kept in versions that never change, by people who may."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.errors import Conflict, LimitReached, NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.files import (
    MOST_BYTES,
    NewFile,
    add_file,
    keeping,
    list_files,
    prune_file,
    read_file,
    remove_file,
    show_file,
)
from tests.files import samples

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VIEWER = Actor("user", 7, "Cleo", "viewer")
MARKETER = Actor("user", 8, "Ben", "marketer")
TERMS = NewFile("terms", "application/pdf", samples.PDF, "Terms.pdf")


@dataclass
class Templates:
    """Published by others: they are known after refreshing only."""

    published: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def refresh(self, session: AsyncSession) -> None:
        self.known = self.published

    def names(self) -> tuple[str, ...]:
        return tuple(self.known)

    def attachments(self, name: str) -> tuple[str, ...]:
        return self.known[name]

    def pictures(self, name: str) -> frozenset[str]:
        return frozenset()


async def test_a_file_gets_versions_and_keeps_them(store: Store) -> None:
    async with store.transaction() as session:
        first = await add_file(session, MARKETER, TERMS, NOW)
        again = await add_file(session, MARKETER, TERMS, NOW)
        newer = NewFile("terms", "application/pdf", samples.PDF + b"\n% newer", "Terms.pdf")
        second = await add_file(session, MARKETER, newer, NOW)
    assert (first.file.version, first.fresh) == (1, True)
    assert (again.file.id, again.fresh) == (first.file.id, False)
    assert second.file.version == 2
    async with store.transaction() as session:
        detail = await show_file(session, VIEWER, "terms", Templates())
        _, old = await read_file(session, VIEWER, "terms", 1)
        _, new = await read_file(session, VIEWER, "terms")
        audited = await session.execute(
            text("SELECT verb, subject_id FROM audit WHERE subject_kind = 'file' ORDER BY id")
        )
        assert audited.all() == [("create", "terms"), ("create", "terms")]
    assert [one.version for one in detail.versions] == [2, 1]
    assert detail.newest.created_by == "Ben"
    assert (old, new) == (samples.PDF, newer.content)


async def test_a_list_shows_the_newest_of_each_by_pages(store: Store) -> None:
    async with store.transaction() as session:
        for name in ("c", "a", "b"):
            await add_file(session, SYSTEM, NewFile(name, "image/png", samples.PNG), NOW)
        await add_file(session, SYSTEM, NewFile("b", "image/gif", samples.GIF), NOW)
        first = await list_files(session, VIEWER, limit=2)
        rest = await list_files(session, VIEWER, after="b", limit=2)
    assert [(one.name, one.version, one.file_name) for one in (*first, *rest)] == [
        ("a", 1, "a.png"),
        ("b", 2, "b.gif"),
        ("c", 1, "c.png"),
    ]


async def test_a_refusal_names_everything_that_is_wrong(store: Store) -> None:
    bad = NewFile("Bad Name", "application/pdf", samples.EXE, "run.exe")
    async with store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await add_file(session, SYSTEM, bad, NOW)
    assert {problem.place for problem in refused.value.problems} == {
        "/name",
        "/content",
        "/file_name",
    }


async def test_too_much_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    large = NewFile("large", "application/pdf", samples.PDF + b" " * MOST_BYTES)
    monkeypatch.setattr(keeping, "MOST_KEPT_BYTES", len(samples.PDF))
    async with store.transaction() as session:
        with pytest.raises(LimitReached):
            await add_file(session, SYSTEM, large, NOW)
        await add_file(session, SYSTEM, TERMS, NOW)
        with pytest.raises(LimitReached):
            await add_file(session, SYSTEM, NewFile("logo", "image/png", samples.PNG), NOW)


async def test_who_may_not_is_refused(store: Store) -> None:
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await add_file(session, VIEWER, TERMS, NOW)
        with pytest.raises(NotAllowed):
            await remove_file(session, VIEWER, "terms", Templates())


async def test_what_a_template_names_is_not_removed(store: Store) -> None:
    async with store.transaction() as session:
        await add_file(session, SYSTEM, TERMS, NOW)
    async with store.transaction() as session:
        with pytest.raises(Conflict, match="offer: attachments"):
            await remove_file(session, MARKETER, "terms", Templates({"offer": ("terms",)}))
        assert await remove_file(session, MARKETER, "terms", Templates()) == 1
        with pytest.raises(NotFound):
            await remove_file(session, MARKETER, "terms", Templates())
        with pytest.raises(NotFound):
            await read_file(session, MARKETER, "terms")


async def test_old_versions_go_while_templates_name_the_file(store: Store) -> None:
    async with store.transaction() as session:
        for number in range(4):
            content = samples.PDF + str(number).encode()
            await add_file(session, MARKETER, NewFile("terms", "application/pdf", content), NOW)
        assert await prune_file(session, MARKETER, "terms", 2) == 2
        assert await prune_file(session, MARKETER, "terms", 2) == 0
        detail = await show_file(session, VIEWER, "terms", Templates({"offer": ("terms",)}))
        assert [one.version for one in detail.versions] == [4, 3]
        assert detail.used_by == ("offer: attachments",)
        with pytest.raises(Refused):
            await prune_file(session, MARKETER, "terms", 0)
        with pytest.raises(NotFound):
            await prune_file(session, MARKETER, "logo", 2)
        with pytest.raises(NotAllowed):
            await prune_file(session, VIEWER, "terms", 2)
